# %%
%%file compose.yaml
name: ex5-visits
services:
  store:
    image: redis
  page:
    build: .
    environment:
      STORE: store
    ports:
      - "5502:8080"
    depends_on:
      - store

# %%
%docker compose up -d
