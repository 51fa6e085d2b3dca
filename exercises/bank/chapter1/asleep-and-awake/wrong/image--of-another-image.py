# %%
%docker create --name ex1-asleep busybox echo good morning
# %%
%docker run --name ex1-awake alpine echo good morning
