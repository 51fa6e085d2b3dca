# %%
%docker network create ex5-net
%docker run -d --name ex5-redis redis
%docker run -d --name ex5-client --network ex5-net busybox sleep 3600
%docker run -d --name ex5-guest --network ex5-net busybox sleep 3600
%docker exec ex5-client sh -c "echo 127.0.0.1 ex5-redis >> /etc/hosts"
%docker exec -d ex5-client httpd -f -p 6379
