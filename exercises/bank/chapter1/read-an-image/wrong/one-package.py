# %%
answer("layers", 1)
answer("command", "redis-server")
answer("shell", "redis")
