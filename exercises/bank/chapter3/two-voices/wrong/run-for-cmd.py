# %%
%%file Dockerfile
FROM alpine
RUN echo one
CMD ["echo", "two"]

# %%
%docker build -t ex3/count .
