# %%
%run mess.py
# %%
%docker volume ls -f label=ex4=scrap
