# %%
answer("steps", ["client", "cache", "disk", "command"])
answer("again", "registry")
answer("words", "command")
