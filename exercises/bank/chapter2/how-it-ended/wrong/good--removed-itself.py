# %%
%docker run --rm --name ex2-good alpine true
%docker run --name ex2-bad alpine sh -c "echo no milk; exit 3"
