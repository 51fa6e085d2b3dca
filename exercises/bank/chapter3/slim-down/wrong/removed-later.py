# %%
%docker build -t ex3/slim .
