# %%
%docker run -d --name ex2-polite alpine sh -c "trap 'echo saved' TERM; echo ready; while true; do sleep 0.1; done"
%docker run -d --init --name ex2-asked alpine sleep 600
# %%
box = lab.container("ex2-polite").wait_for_log("ready")
%docker stop -t 3 ex2-polite
%docker stop ex2-asked
