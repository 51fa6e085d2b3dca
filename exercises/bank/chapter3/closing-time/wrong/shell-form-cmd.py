# %%
%docker build -t ex3/shop .
