# %%
%docker run --name ex1-asleep alpine echo good morning
%docker run --name ex1-awake alpine echo good morning
