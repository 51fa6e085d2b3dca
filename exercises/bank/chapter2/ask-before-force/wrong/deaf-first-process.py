# %%
%docker run -d --name ex2-polite alpine sh -c "trap 'echo saved; exit 0' TERM; echo ready; while true; do sleep 0.1; done"
%docker run -d --name ex2-asked alpine sleep 600
# %%
box = lab.container("ex2-polite").wait_for_log("ready")
%docker stop ex2-polite
%docker stop -t 1 ex2-asked
