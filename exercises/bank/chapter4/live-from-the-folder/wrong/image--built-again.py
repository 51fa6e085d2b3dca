# %%
source = open("index.js").read()
with open("index.js", "w") as file:
    file.write(source.replace("Hello World", "Hello from my folder"))
%docker build -t ex4/live .
%docker run -d --name ex4-live -p 5407:8080 ex4/live
