# %%
lab.docker.containers.run(
    "alpine",
    "sleep 600",
    name="ex1-small",
    detach=True,
    mem_reservation="64m",
    nano_cpus=500_000_000,
    pids_limit=40,
)
