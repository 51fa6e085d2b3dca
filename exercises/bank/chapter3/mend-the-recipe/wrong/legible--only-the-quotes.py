# %%
%%file Dockerfile
FROM alpine
RNU mkdir /data
RUN cd /data
RUN echo "milk" > list.txt
CMD ["cat", "/data/list.txt"]

# %%
%docker build -t ex3/list .
