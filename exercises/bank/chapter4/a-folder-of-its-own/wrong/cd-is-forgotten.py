# %%
%%file Dockerfile
FROM node:22
RUN mkdir -p /usr/src/app
RUN cd /usr/src/app
COPY ./ ./
CMD ["node", "doorman.js"]

# %%
%docker build -t ex4/guests .
