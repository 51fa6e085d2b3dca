# %%
answer("goes", ["stopped", "named", "nameless", "network"])
answer("all", "unused")
answer("refused", "stop")
