# %%
quiz(
    "story-of-run",
    steps=["client", "cache", "registry", "disk", "command"],
    again="registry",
    words="command",
)
