# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY package.json ./
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build -t ex4/fast .
