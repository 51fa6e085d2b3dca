# %%
%%file Dockerfile
FROM node:22
RUN npm install
CMD ["node", "index.js"]

# %%
%docker build --force-rm -t ex4/app .
