# %%
%docker build -t ex4/clean .

# %%
%%file .dockerignore
*.txt
