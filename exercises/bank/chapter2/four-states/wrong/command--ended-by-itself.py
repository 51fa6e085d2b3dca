# %%
%docker create --name ex2-created alpine sleep 600
for name in ("ex2-running", "ex2-paused"):
    %docker run -d --name {name} alpine sleep 600
%docker pause ex2-paused
%docker run --name ex2-ended alpine true
