# %%
quiz(
    "which-file-when",
    steps=["push", "build", "test", "deploy"],
    code=1,
    recipe="dockerfile",
    key="settings",
    tests=["laptop", "ci"],
)
