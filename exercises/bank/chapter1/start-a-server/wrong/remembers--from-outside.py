# %%
%docker run -d --name ex1-redis redis
%docker run --rm redis redis-cli set greeting hello
