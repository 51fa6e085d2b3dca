# %%
%%file .gitignore
notes.txt
password.txt

# %%
%docker build -t ex4/clean .
