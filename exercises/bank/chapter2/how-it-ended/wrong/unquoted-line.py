# %%
%docker run --name ex2-good alpine true
%docker run --name ex2-bad alpine sh -c exit 3
