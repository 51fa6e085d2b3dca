# %%
answer("steps", ["push", "build", "test", "deploy"])
answer("code", 0)
answer("recipe", "dockerfile")
answer("key", "settings")
answer("tests", ["laptop", "ci"])
