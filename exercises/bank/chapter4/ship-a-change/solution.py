# %%
%docker build -t ex4/shop .
%docker run -d --name ex4-shop -p 5406:8080 ex4/shop
print(lab.fetch("ex4-shop", 8080).text)

# %%
source = open("server.js").read()
with open("server.js", "w") as file:
    file.write(source.replace("version 1", "version 2"))

# %%
%docker build -t ex4/shop .
%docker rm -f ex4-shop
%docker run -d --name ex4-shop -p 5406:8080 ex4/shop
print(lab.fetch("ex4-shop", 8080).text)
