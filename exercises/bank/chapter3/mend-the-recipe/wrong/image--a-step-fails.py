# %%
%%file Dockerfile
FROM alpine
RUN echo "milk" > /data/list.txt
CMD ["cat", "/data/list.txt"]

# %%
%docker build --force-rm -t ex3/list .
