# %%
%docker run --rm --name ex1-kernel alpine uname -r
# %%
answer("containers", 1)
answer("machines", 5)
