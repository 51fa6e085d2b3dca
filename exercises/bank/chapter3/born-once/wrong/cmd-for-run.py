# %%
%%file Dockerfile
FROM alpine
CMD ["sh", "-c", "cat /proc/sys/kernel/random/uuid > /serial; cat /serial; cat /proc/sys/kernel/random/uuid"]

# %%
%docker build -t ex3/ticket .
