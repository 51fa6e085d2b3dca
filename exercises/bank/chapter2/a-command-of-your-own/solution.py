# %%
%docker run --name ex2-list alpine ls /etc
# %%
%docker run --name ex2-tried hello-world ls
# %%
quiz(
    "a-command-of-your-own",
    why="files",
)
