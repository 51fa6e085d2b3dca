# %%
answer("steps", ["client", "cache", "registry", "disk", "command"])
answer("again", "registry")
answer("words", "disk")
