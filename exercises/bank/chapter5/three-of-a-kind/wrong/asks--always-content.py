# %%
%%file compose.yaml
name: ex5-three
services:
  store:
    image: redis
    healthcheck:
      test: "true"
      interval: 1s
  page:
    build: .
    environment:
      STORE: store
    ports:
      - "5504-5506:8080"
    depends_on:
      store:
        condition: service_healthy

# %%
%docker compose up -d --scale page=3
