# %%
%%file .dockerignore
notes.txt
password.txt

# %%
%docker build -t ex4/clean .
%docker run --rm ex4/clean ls
