# %%
%docker run --name ex1-kernel alpine cat /etc/os-release
# %%
answer("containers", 1)
answer("machines", 5)
