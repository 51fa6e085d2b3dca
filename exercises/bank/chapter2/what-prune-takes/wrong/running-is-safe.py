# %%
answer("goes", ["stopped", "nameless", "network"])
answer("all", "running")
answer("refused", "stop")
