# %%
%%file compose.yaml
name: ex5-kept
services:
  store:
    image: redis
    volumes:
      - data:/data

# %%
%docker compose up -d
print("not up")
%docker compose exec -T store redis-cli set visits 41

# %%
%docker compose down
%docker compose up -d
