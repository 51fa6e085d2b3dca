# %%
%docker build -t ex3/count .
