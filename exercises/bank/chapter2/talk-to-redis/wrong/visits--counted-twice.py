# %%
%docker run -d --name ex2-redis redis
%docker exec ex2-redis sh -c "until redis-cli ping; do sleep 0.1; done"
%docker exec ex2-redis redis-cli set key1 hello
%docker exec ex2-redis redis-cli incr visits
%docker exec ex2-redis redis-cli incr visits
