# %%
source = open("server.js").read()
with open("server.js", "w") as file:
    file.write(source.replace("version 1", "version 2"))
%docker build -t ex4/shop .
%docker run -d --name ex4-shop ex4/shop
