# %%
for name in ("ex2-created", "ex2-running", "ex2-paused", "ex2-ended"):
    %docker run -d --name {name} alpine sleep 600
%docker stop -t 0 ex2-created
%docker pause ex2-paused
%docker kill ex2-ended
