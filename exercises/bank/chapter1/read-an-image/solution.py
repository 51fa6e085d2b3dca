# %%
quiz(
    "read-an-image",
    layers=len(lab.image("redis").layers),
    command="redis-server",
    shell="redis",
)
