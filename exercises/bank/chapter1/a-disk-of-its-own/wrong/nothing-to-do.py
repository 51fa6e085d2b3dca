# %%
%docker run -d --name ex1-one alpine
%docker wait ex1-one
