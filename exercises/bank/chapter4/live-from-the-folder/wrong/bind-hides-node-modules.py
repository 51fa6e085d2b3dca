# %%
%docker build -t ex4/live .
%docker run -d --name ex4-live -p 5407:8080 -v $(pwd):/usr/src/app ex4/live
lab.container("ex4-live").wait(timeout=20)
