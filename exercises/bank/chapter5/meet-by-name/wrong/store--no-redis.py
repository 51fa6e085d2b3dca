# %%
%docker network create ex5-net
%docker run -d --name ex5-redis --network ex5-net busybox httpd -f -p 6379
%docker run -d --name ex5-client --network ex5-net busybox sleep 3600
%docker run -d --name ex5-guest busybox sleep 3600
