# %%
%docker run -d --name ex2-redis redis redis-cli set key1 hello
%docker wait ex2-redis
