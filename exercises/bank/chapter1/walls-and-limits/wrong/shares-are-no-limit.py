# %%
%docker run -d --name ex1-small --memory 64m --cpu-shares 512 --pids-limit 40 alpine sleep 600
