# %%
quiz(
    "why-is-it-red",
    hangs="ci",
    old="merge",
    denied="key",
    port=3000,
    stays=["build", "script"],
)
