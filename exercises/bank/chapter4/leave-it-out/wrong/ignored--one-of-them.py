# %%
%%file .dockerignore
password.txt

# %%
%docker build -t ex4/clean .
