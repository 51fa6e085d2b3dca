# %%
%docker run --name ex2-good hello-world
# %%
%docker run --name ex2-bad alpine sh -c "echo no milk; exit 3"
