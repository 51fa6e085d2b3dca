# %%
%docker run -d --name ex1-redis redis
# %%
%docker exec ex1-redis sh -c "until redis-cli ping; do sleep 0.1; done"
%docker exec ex1-redis redis-cli set greeting hello
