# %%
%%file .dockerignore
key.env

# %%
%%file Dockerfile
FROM busybox
ARG API_KEY
WORKDIR /app
COPY . .
RUN API_KEY=$API_KEY sh run.sh
CMD ["sh", "run.sh"]

# %%
%docker build -q --build-arg API_KEY=k-4711-sesame -t ex6/quiet .
%docker run --name ex6-quiet --env-file key.env ex6/quiet
