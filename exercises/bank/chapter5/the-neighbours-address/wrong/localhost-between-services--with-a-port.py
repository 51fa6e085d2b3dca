# %%
%%file compose.yaml
name: ex5-visits
services:
  store:
    image: redis
    ports:
      - "5512:6379"
  page:
    build: .
    environment:
      STORE: localhost
    ports:
      - "5502:8080"
    depends_on:
      - store

# %%
%docker compose up -d
