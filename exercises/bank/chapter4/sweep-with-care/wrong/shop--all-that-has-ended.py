# %%
%run mess.py
# %%
%docker rm ex4-old ex4-shop
%docker volume rm $(docker volume ls -qf label=ex4=scrap)
