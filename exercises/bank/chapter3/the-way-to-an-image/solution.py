# %%
quiz(
    "the-way-to-an-image",
    way=["write", "pack", "send", "steps", "name"],
    film="sent",
    temporary=3,
)
