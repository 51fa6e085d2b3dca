# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY ./ ./
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build -t ex4/app .
%docker run -d --name ex4-app -p 5401:8080 node:22 node -e "require('http').createServer((q, r) => r.end('Hello World')).listen(8080)"
