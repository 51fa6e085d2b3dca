# %%
%%file Dockerfile
FROM alpine
RUN head -c 5000000 /dev/urandom > /tmp/download && rm /tmp/download
RUN sha256sum /tmp/download > /fingerprint || true
CMD ["cat", "/fingerprint"]

# %%
%docker build -t ex3/slim .
