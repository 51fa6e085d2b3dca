# %%
%%file Dockerfile
FROM alpine
CMD ["echo", "hello from my image"]

# %%
%docker build -t ex3/hello .
