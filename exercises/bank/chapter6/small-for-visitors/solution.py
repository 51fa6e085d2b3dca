# %%
%%file Dockerfile
FROM node:22 AS builder
WORKDIR /usr/src/app
COPY . .
RUN npm run build

FROM nginx
COPY --from=builder /usr/src/app/dist /usr/share/nginx/html

# %%
%docker build -q -t ex6/small .
%docker run -d --name ex6-small -p 5601:80 ex6/small
