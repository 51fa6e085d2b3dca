# %%
%docker build -t ex3/parcel:1.0 .

# %%
%%file Dockerfile
FROM alpine
CMD ["echo", "ready to ship, and stable"]

# %%
%docker build -t ex3/parcel:stable .
