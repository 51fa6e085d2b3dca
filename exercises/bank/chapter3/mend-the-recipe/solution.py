# %%
%%file Dockerfile
FROM alpine
RUN mkdir /data
RUN echo "milk" > /data/list.txt
CMD ["cat", "/data/list.txt"]

# %%
%docker build -t ex3/list .
%docker run --rm ex3/list
