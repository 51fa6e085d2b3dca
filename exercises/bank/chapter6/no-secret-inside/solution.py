# %%
%%file .dockerignore
key.env

# %%
%docker build -q -t ex6/quiet .
%docker run --name ex6-quiet --env-file key.env ex6/quiet
