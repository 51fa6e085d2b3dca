# %%
%docker build -t ex4/diary .
%docker run -d --name ex4-diary -p 127.0.0.1:5402:5492 ex4/diary
print(lab.fetch("ex4-diary", 5492).text)
