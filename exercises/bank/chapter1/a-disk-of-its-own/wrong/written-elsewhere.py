# %%
%docker run -d --name ex1-one alpine sleep 600
%docker run -d --name ex1-other alpine sleep 600
# %%
%docker run --name ex1-write alpine sh -c "echo mine > /only-here.txt"
