# %%
answer("layers", len(lab.image("redis").layers))
# %%
answer("command", "redis-server")
answer("shell", "redis")
