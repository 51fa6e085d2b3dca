# %%
answer("steps", ["push", "build", "test", "deploy"])
answer("code", 1)
answer("recipe", "finished")
answer("key", "settings")
answer("tests", ["laptop", "ci"])
