# %%
%%file Dockerfile
FROM alpine
RUN head -c 5000000 /dev/urandom > /tmp/download && sha256sum /tmp/download > /fingerprint
RUN rm /tmp/download
CMD ["cat", "/fingerprint"]

# %%
%docker build -t ex3/slim .
