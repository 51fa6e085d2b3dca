# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
RUN npm install express
COPY ./ ./
CMD ["node", "index.js"]
