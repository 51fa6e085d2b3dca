# %%
quiz(
    "what-prune-takes",
    goes=["stopped", "nameless", "network"],
    all="unused",
    refused="stop",
)
