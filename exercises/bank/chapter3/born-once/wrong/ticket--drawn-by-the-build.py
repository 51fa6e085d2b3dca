# %%
%%file Dockerfile
FROM alpine
RUN cat /proc/sys/kernel/random/uuid > /serial
RUN cat /proc/sys/kernel/random/uuid > /ticket
CMD ["cat", "/serial", "/ticket"]

# %%
%docker build -t ex3/ticket .
