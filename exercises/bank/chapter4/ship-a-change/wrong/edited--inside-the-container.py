# %%
%docker build -t ex4/shop .
%docker run -d --name ex4-shop -p 5406:8080 ex4/shop
%docker exec ex4-shop sed -i "s/version 1/version 2/" server.js
%docker restart -t 0 ex4-shop
