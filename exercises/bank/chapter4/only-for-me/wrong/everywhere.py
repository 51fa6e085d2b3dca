# %%
%docker build -t ex4/diary .
%docker run -d --name ex4-diary -p 5402:5492 ex4/diary
