# %%
%docker build -t ex4/live .
%docker run -d --name ex4-live -p 5407:8080 -v /usr/src/app/node_modules -v $(pwd):/usr/src/app ex4/live
print(lab.fetch("ex4-live", 8080).text)

# %%
source = open("index.js").read()
with open("index.js", "w") as file:
    file.write(source.replace("Hello World", "Hello from my folder"))

# %%
%docker restart -t 1 ex4-live
print(lab.fetch("ex4-live", 8080).text)
