# %%
answer("networks", 1)
answer("name", "shop-page-2")
answer("edit", "down-up")
answer("gone", ["containers", "network"])
answer("steps", ["build", "network", "store", "page"])
