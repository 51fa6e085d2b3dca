# %%
%%file Dockerfile
FROM alpine
CMD ["echo", "one"]
CMD ["sh", "-c", "echo one; echo two"]

# %%
%docker build -t ex3/count .
