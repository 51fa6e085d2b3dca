# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY . .
RUN npm run build
CMD ["npm", "run", "dev"]

# %%
%docker build -q -t ex6/small .
%docker run -d --name ex6-small -p 5601:8080 ex6/small
