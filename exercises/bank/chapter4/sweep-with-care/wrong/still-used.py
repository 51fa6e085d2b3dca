# %%
%run mess.py
# %%
%docker volume rm ex4-cache ex4-logs
