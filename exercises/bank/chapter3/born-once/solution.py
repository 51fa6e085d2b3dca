# %%
%%file Dockerfile
FROM alpine
RUN cat /proc/sys/kernel/random/uuid > /serial
CMD ["sh", "-c", "cat /serial; cat /proc/sys/kernel/random/uuid"]

# %%
%docker build -t ex3/ticket .
%docker run --rm ex3/ticket
%docker run --rm ex3/ticket
