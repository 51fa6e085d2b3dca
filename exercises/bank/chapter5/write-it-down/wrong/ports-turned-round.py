# %%
%%file compose.yaml
services:
  store:
    image: redis
  page:
    build: .
    environment:
      STORE: store
    ports:
      - "8080:5503"
    depends_on:
      - store

# %%
%docker compose config
