# %%
quiz(
    "why-is-it-red",
    hangs="ci",
    old="merge",
    denied="root",
    port=3000,
    stays=["build", "script"],
)
