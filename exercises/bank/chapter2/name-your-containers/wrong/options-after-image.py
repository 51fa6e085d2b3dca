# %%
%docker run -d nginx --name ex2-web
