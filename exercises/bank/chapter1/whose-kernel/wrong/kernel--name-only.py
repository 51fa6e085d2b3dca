# %%
%docker run --name ex1-kernel alpine uname
# %%
answer("containers", 1)
answer("machines", 5)
