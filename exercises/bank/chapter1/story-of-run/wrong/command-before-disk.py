# %%
answer("steps", ["client", "cache", "registry", "command", "disk"])
answer("again", "registry")
answer("words", "command")
