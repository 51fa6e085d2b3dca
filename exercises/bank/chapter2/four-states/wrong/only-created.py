# %%
for name in ("ex2-created", "ex2-running", "ex2-paused", "ex2-ended"):
    %docker create --name {name} alpine sleep 600
