# %%
%docker network create ex5-net
%docker run -d --name ex5-redis --network ex5-net redis
%docker run -d --name ex5-client --network ex5-net busybox sleep 3600
%docker run -d --name ex5-guest --network ex5-net busybox sleep 3600
