# %%
answer("networks", 1)
answer("name", "shop-page-2")
answer("edit", "up-build")
answer("gone", ["containers", "network"])
answer("steps", ["network", "store", "page", "build"])
