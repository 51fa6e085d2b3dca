# %%
%%file Dockerfile
FROM alpine
CMD ["echo", "Hello from my image"]

# %%
%docker build .
