# %%
%docker create --name ex2-created alpine
for name in ("ex2-running", "ex2-paused", "ex2-ended"):
    %docker run -d --name {name} alpine
%docker wait ex2-running
%docker pause ex2-paused
