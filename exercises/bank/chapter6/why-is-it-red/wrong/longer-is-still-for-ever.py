# %%
quiz(
    "why-is-it-red",
    hangs="longer",
    old="merge",
    denied="policy",
    port=3000,
    stays=["build", "script"],
)
