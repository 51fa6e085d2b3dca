# %%
%docker run -d --name ex2-redis redis
# %%
%docker run --rm redis redis-cli set key1 hello
