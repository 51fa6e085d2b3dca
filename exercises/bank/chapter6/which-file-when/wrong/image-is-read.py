# %%
answer("steps", ["push", "build", "test", "deploy"])
answer("code", 1)
answer("recipe", "dockerfile")
answer("key", "image")
answer("tests", ["laptop", "ci"])
