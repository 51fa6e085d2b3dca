# %%
answer("layers", len(lab.image("redis").layers))
answer("command", "docker-entrypoint.sh")
answer("shell", "redis")
