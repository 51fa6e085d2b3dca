# %%
%docker run --name ex1-box busybox true
