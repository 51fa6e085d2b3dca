# %%
answer("goes", ["stopped", "nameless"])
answer("all", "unused")
answer("refused", "stop")
