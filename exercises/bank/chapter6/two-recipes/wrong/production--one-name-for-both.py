# %%
%docker build -q -t ex6/site .
%docker build -q -f Dockerfile.dev -t ex6/site .

# %%
%docker run -d --name ex6-dev -p 5600:8080 ex6/site
