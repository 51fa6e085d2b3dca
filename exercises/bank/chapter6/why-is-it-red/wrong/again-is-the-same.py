# %%
quiz(
    "why-is-it-red",
    hangs="ci",
    old="again",
    denied="policy",
    port=3000,
    stays=["build", "script"],
)
