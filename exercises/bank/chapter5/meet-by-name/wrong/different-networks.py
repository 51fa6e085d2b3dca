# %%
%docker network create ex5-net
%docker network create ex5-clients
%docker run -d --name ex5-redis --network ex5-net redis
%docker run -d --name ex5-client --network ex5-clients busybox sleep 3600
%docker run -d --name ex5-guest busybox sleep 3600
