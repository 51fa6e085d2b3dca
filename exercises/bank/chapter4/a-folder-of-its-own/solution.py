# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY ./ ./
CMD ["node", "doorman.js"]

# %%
%docker build -t ex4/guests .
%docker run --rm ex4/guests
