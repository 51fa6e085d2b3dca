# %%
%docker run --name ex1-kernel alpine uname -r
# %%
answer("containers", 5)
answer("machines", 5)
