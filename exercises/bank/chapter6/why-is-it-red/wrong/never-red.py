# %%
quiz(
    "why-is-it-red",
    hangs="ci",
    old="merge",
    denied="policy",
    port=3000,
    stays=["build", "script", "true"],
)
