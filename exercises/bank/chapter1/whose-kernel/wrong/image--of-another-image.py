# %%
%docker run --name ex1-kernel busybox uname -r
# %%
answer("containers", 1)
answer("machines", 5)
