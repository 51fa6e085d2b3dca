# %%
%%file Dockerfile
FROM alpine
CMD ["echo one && echo two"]

# %%
%docker build -t ex3/count .
