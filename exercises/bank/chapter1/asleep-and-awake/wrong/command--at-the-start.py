# %%
%docker create --name ex1-asleep alpine
# %%
%docker run --name ex1-awake alpine echo good morning
