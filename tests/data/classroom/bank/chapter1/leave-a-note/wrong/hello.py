# %%
%%file note.txt
bye
