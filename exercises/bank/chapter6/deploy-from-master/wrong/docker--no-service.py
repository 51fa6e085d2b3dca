# %%
%%file .travis.yml
language: generic

before_install:
  - docker build -t ex6/ci -f Dockerfile.dev .

script:
  - docker run --rm -e CI=true ex6/ci npm test

deploy:
  provider: elasticbeanstalk
  region: us-east-1
  app: ex6-site
  env: ex6-site-env
  access_key_id: $AWS_ACCESS_KEY_ID
  secret_access_key: $AWS_SECRET_ACCESS_KEY
  on:
    branch: master
