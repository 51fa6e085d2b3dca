# %%
%docker run -d --name ex1-small --memory 64m --cpus 0.5 --pids-limit 40 busybox sleep 600
