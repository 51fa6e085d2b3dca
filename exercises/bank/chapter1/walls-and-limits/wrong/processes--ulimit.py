# %%
%docker run -d --name ex1-small --memory 64m --cpus 0.5 --ulimit nproc=40 alpine sleep 600
