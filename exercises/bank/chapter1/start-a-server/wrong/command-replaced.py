# %%
%docker run -d --name ex1-redis redis redis-cli set greeting hello
%docker wait ex1-redis
