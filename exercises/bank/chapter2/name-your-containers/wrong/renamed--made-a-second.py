# %%
%docker run -d --name ex2-web nginx
%docker run -d --name ex2-box alpine sleep 600
# %%
%docker run -d --name ex2-sleeper alpine sleep 600
