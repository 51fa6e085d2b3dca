# %%
quiz(
    "what-down-takes",
    networks=1,
    name="shop-page-2",
    edit="up-build",
    gone=["containers", "network"],
    steps=["build", "network", "store", "page"],
)
