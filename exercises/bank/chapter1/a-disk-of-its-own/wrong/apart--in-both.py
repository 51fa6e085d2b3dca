# %%
%docker run -d --name ex1-one alpine sleep 600
%docker run -d --name ex1-other alpine sleep 600
# %%
for name in ("ex1-one", "ex1-other"):
    %docker exec {name} sh -c "echo mine > /only-here.txt"
