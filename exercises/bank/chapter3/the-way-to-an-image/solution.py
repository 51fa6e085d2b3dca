# %%
answer("way", ["write", "pack", "send", "steps", "name"])
answer("film", "sent")
answer("temporary", 3)
