# %%
%%file compose.yaml
name: ex6-live
services:
  web:
    build:
      context: .
      dockerfile: Dockerfile.dev
    ports:
      - "5602:8080"

# %%
%docker compose up -d

# %%
%%file src/greeting.txt
Hello, live!

# %%
%docker compose up -d --build
