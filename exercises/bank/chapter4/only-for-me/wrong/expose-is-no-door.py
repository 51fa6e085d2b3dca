# %%
%docker build -t ex4/diary .
%docker run -d --name ex4-diary ex4/diary
