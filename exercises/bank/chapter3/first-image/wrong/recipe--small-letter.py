# %%
%%file dockerfile
FROM alpine
CMD ["echo", "Hello from my image"]

# %%
%docker build -t ex3/hello -f dockerfile .
