# %%
%docker create --name ex2-created alpine sleep 600
%docker run -d --name ex2-running alpine sleep 600
%docker run -d --name ex2-paused alpine sleep 600
%docker pause ex2-paused
%docker run -d --name ex2-ended alpine sleep 600
%docker stop -t 0 ex2-ended
