# %%
%docker run -d --name ex2-web nginx
%docker run -d --name ex2-box alpine
%docker wait ex2-box
%docker rename ex2-box ex2-sleeper
