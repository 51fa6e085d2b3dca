# %%
%docker run -d --name ex5-store redis
store = lab.container("ex5-store").wait_for_log("Ready to accept connections")
%docker exec ex5-store redis-cli set visits 41

# %%
%docker stop ex5-store
%docker rm ex5-store

# %%
%docker run -d --name ex5-store redis
