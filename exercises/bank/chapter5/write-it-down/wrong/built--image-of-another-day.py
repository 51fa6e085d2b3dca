# %%
%%file compose.yaml
services:
  store:
    image: redis
  page:
    image: shop/page
    environment:
      STORE: store
    ports:
      - "5503:8080"
    depends_on:
      - store

# %%
%docker compose config
