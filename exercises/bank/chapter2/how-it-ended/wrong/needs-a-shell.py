# %%
%docker run --name ex2-good alpine true
%docker run --name ex2-bad alpine exit 3
