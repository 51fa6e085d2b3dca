# %%
answer("networks", 1)
answer("name", "shop-page-2")
answer("edit", "restart")
answer("gone", ["containers", "network"])
answer("steps", ["build", "network", "store", "page"])
