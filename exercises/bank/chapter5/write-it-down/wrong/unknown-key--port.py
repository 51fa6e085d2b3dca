# %%
%%file compose.yaml
services:
  store:
    image: redis
  page:
    build: .
    environment:
      STORE: store
    port:
      - "5503:8080"
    depends_on:
      - store

# %%
%docker compose config
