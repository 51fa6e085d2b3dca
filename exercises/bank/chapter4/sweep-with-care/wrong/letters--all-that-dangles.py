# %%
%run mess.py
# %%
%docker rm ex4-old
%docker volume rm $(docker volume ls -qf dangling=true -f name=ex4-)
