# %%
%docker create --name ex1-asleep alpine echo good morning
%docker run --rm --name ex1-awake alpine echo good morning
