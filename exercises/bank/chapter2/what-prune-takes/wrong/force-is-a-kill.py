# %%
answer("goes", ["stopped", "nameless", "network"])
answer("all", "unused")
answer("refused", "force")
