# %%
%docker run -d --name ex1-reddis redis
%docker exec ex1-reddis sh -c "until redis-cli ping; do sleep 0.1; done"
%docker exec ex1-reddis redis-cli set greeting hello
