# %%
%%file Dockerfile
FROM alpine
RUN cat /proc/sys/kernel/random/uuid > /serial
RUN cat /serial; cat /proc/sys/kernel/random/uuid

# %%
%docker build -t ex3/ticket .
