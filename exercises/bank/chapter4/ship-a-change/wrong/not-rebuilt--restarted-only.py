# %%
%docker build -t ex4/shop .
%docker run -d --name ex4-shop -p 5406:8080 ex4/shop

# %%
source = open("server.js").read()
with open("server.js", "w") as file:
    file.write(source.replace("version 1", "version 2"))
%docker restart -t 0 ex4-shop
