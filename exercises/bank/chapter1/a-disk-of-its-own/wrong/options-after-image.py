# %%
%docker run -d alpine --name ex1-one sleep 600
