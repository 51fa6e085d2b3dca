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
from pathlib import Path

source = Path("page.js")
source.write_text(source.read_text().replace("process.env.STORE;", "'localhost';"))

# %%
%docker compose up -d --build
