# %%
%docker build -t ex4/diary .
%docker run -d --name ex4-diary -p 127.0.0.1:5492:5402 ex4/diary
