# %%
%docker run --name ex1-kernel alpine uname -r
# %%
quiz(
    "whose-kernel",
    containers=1,
    machines=5,
)
