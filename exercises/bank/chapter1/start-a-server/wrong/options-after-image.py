# %%
%docker run -d redis --name ex1-redis
