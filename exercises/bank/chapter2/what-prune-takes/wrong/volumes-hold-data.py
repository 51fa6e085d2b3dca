# %%
answer("goes", ["stopped", "nameless", "network", "volume"])
answer("all", "unused")
answer("refused", "stop")
