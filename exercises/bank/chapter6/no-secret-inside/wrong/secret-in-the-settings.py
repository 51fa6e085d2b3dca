# %%
%%file .dockerignore
key.env

# %%
%%file Dockerfile
FROM busybox
WORKDIR /app
ENV API_KEY=k-4711-sesame
COPY . .
CMD ["sh", "run.sh"]

# %%
%docker build -q -t ex6/quiet .
%docker run --name ex6-quiet ex6/quiet
