# %%
%docker run -d --name ex2-web nginx
%docker run -d --name ex2-box alpine sleep 600
# %%
%docker rename ex2-box ex2-sleeper
