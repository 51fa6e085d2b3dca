# %%
%docker build -t ex4/guests .
