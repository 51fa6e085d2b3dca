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
      - "5503:8080"

# %%
%docker compose config
