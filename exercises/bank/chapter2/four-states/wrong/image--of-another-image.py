# %%
%docker create --name ex2-created busybox sleep 600
for name in ("ex2-running", "ex2-paused", "ex2-ended"):
    %docker run -d --name {name} alpine sleep 600
%docker pause ex2-paused
%docker stop -t 0 ex2-ended
