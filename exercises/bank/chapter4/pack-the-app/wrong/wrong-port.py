# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY ./ ./
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build -t ex4/app .
%docker run -d --name ex4-app -p 5401:5401 ex4/app
