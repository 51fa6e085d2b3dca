# %%
%%file compose.yaml
name: ex6-live
services:
  web:
    build: .
    ports:
      - "5602:8080"
    volumes:
      - ./src:/usr/src/app/src

# %%
%docker compose up -d

# %%
%%file src/greeting.txt
Hello, live!
