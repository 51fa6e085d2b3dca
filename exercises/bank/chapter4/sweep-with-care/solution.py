# %%
%run mess.py
# %%
%docker volume ls -f label=ex4=scrap
%docker rm ex4-old
%docker volume rm $(docker volume ls -qf label=ex4=scrap)
