# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY ./ ./
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build -t ex4/app .
%docker run -d --name ex4-app ex4/app
