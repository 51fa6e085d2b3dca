# %%
%docker run -d --name ex2-polite alpine sh -c "trap 'echo saved; exit 0' TERM; while true; do sleep 0.1; done"
%docker run -d --init --name ex2-asked alpine sleep 600
# %%
%docker stop ex2-asked
