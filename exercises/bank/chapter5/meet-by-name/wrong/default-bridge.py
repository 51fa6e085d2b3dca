# %%
%docker network create ex5-net
%docker run -d --name ex5-redis redis
%docker run -d --name ex5-client busybox sleep 3600
%docker run -d --name ex5-guest busybox sleep 3600
