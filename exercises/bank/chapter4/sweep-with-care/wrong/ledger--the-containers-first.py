# %%
%run mess.py
# %%
%docker rm ex4-old ex4-shop
%docker volume rm ex4-cache ex4-logs ex4-ledger
