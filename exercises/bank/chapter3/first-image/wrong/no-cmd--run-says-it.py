# %%
%%file Dockerfile
FROM alpine
RUN echo "Hello from my image"

# %%
%docker build -t ex3/hello .
