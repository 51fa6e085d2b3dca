# %%
quiz(
    "why-is-it-red",
    hangs="it",
    old="merge",
    denied="policy",
    port=3000,
    stays=["build", "script"],
)
