# %%
answer("layers", len(lab.image("redis").layers))
answer("command", "redis-cli")
answer("shell", "redis")
