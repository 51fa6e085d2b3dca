# %%
%docker build -t ex4/live .
%docker run -d --name ex4-live -p 5407:8080 -v /usr/src/app/node_modules -v /usr/src/app ex4/live
