# %%
%docker run -d --name ex1-box busybox sleep 600
