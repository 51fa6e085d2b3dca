# %%
answer("way", ["write", "pack", "send", "steps", "name"])
answer("film", "inside")
answer("temporary", 3)
