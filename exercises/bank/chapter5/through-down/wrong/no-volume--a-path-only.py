# %%
%%file compose.yaml
name: ex5-kept
services:
  store:
    image: redis
    volumes:
      - /data

# %%
%docker compose up -d
store = lab.container("ex5-kept-store-1").wait_for_log("Ready to accept connections")
%docker compose exec -T store redis-cli set visits 41

# %%
%docker compose down
%docker compose up -d
