# %%
%%file note.txt
hello
