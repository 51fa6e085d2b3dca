# %%
%docker run -d --name ex2-polite alpine sh -c "trap 'echo saved; exit 0' TERM; echo ready; while true; do sleep 0.1; done"
%docker run -d --init --name ex2-asked alpine sleep 600
# %%
box = lab.container("ex2-polite").wait_for_log("ready")  # the trap is set by then
%docker stop ex2-polite ex2-asked
