# %%
%%file Dockerfile
FROM node:22
COPY ./ /usr/src/app/
CMD ["node", "doorman.js"]

# %%
%docker build -t ex4/guests .
