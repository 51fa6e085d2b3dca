# %%
%docker build -q -f Dockerfile.dev -t ex6/tests .
%docker run --name ex6-tests ex6/tests npm test
