# %%
quiz(
    "why-is-it-red",
    hangs="ci",
    old="merge",
    denied="policy",
    port=80,
    stays=["build", "script"],
)
