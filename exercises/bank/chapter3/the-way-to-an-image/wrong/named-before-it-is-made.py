# %%
answer("way", ["write", "pack", "send", "name", "steps"])
answer("film", "sent")
answer("temporary", 3)
