# %%
lab.docker.containers.run(
    "alpine",
    "sleep 600",
    name="ex1-small",
    detach=True,
    mem_limit="64m",
    cpuset_cpus="0",
    pids_limit=40,
)
