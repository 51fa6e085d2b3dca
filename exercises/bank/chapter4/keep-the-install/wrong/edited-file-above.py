# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY package.json index.js ./
RUN npm install
COPY ./ ./
CMD ["node", "index.js"]
