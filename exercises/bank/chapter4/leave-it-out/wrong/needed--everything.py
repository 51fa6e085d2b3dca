# %%
%%file .dockerignore
*

# %%
%docker build -t ex4/clean .
