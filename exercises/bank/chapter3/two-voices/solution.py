# %%
%%file Dockerfile
FROM alpine
CMD ["sh", "-c", "echo one; echo two"]

# %%
%docker build -t ex3/count .
%docker run --rm ex3/count
