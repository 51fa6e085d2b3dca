# %%
answer("steps", ["push", "test", "build", "deploy"])
answer("code", 1)
answer("recipe", "dockerfile")
answer("key", "settings")
answer("tests", ["laptop", "ci"])
