# %%
%docker run -d --name ex1-one alpine sleep 600
%docker run -d --name ex1-other alpine sleep 600
# %%
%docker exec ex1-one sh -c "echo mine > /only-here.txt"
