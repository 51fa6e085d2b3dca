# %%
answer("steps", ["client", "registry", "cache", "disk", "command"])
answer("again", "registry")
answer("words", "command")
