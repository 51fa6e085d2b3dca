# %%
%%file Dockerfile
FROM node:22
WORKDIR /usr/src/app
COPY ./ ./
RUN rm password.txt notes.txt
CMD ["node", "server.js"]

# %%
%docker build -t ex4/clean .
