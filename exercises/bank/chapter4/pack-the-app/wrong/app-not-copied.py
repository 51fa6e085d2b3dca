# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY package.json ./
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build -t ex4/app .
%docker run -d --name ex4-app -p 5401:8080 ex4/app
lab.container("ex4-app").wait(timeout=20)
