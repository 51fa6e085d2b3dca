# %%
answer("steps", ["client", "cache", "registry", "disk", "command"])
answer("again", "disk")
answer("words", "command")
