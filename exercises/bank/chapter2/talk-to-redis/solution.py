# %%
%docker run -d --name ex2-redis redis
%docker exec ex2-redis sh -c "until redis-cli ping; do sleep 0.1; done"
# %%
%%docker exec -it ex2-redis redis-cli
set key1 hello
incr visits
incr visits
incr visits
