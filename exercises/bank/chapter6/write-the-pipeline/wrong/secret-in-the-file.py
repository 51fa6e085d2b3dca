# %%
from pathlib import Path

Path(".github/workflows").mkdir(parents=True, exist_ok=True)

# %%
%%file .github/workflows/ci.yml
name: CI

on:
  push:
    branches: [master]

jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t ex6/ci -f Dockerfile.dev .
      - run: docker run -e CI=true ex6/ci npm test

  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: sh deploy.sh
        env:
          DEPLOY_KEY: k-0815
