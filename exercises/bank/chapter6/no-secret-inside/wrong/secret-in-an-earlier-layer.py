# %%
%%file Dockerfile
FROM busybox
WORKDIR /app
COPY . .
RUN rm key.env
CMD ["sh", "run.sh"]

# %%
%docker build -q -t ex6/quiet .
%docker run --name ex6-quiet --env-file key.env ex6/quiet
