# %%
answer("way", ["write", "pack", "send", "steps", "name"])
answer("film", "stays")
answer("temporary", 3)
