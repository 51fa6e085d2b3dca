# %%
answer("steps", ["push", "build", "test", "deploy"])
answer("code", 1)
answer("recipe", "dockerfile-dev")
answer("key", "settings")
answer("tests", ["laptop", "ci"])
