# %%
%docker run --name ex1-tool alpine expr 6 '*' 7
%docker run --name ex1-node python python -c "print(6 * 7)"
%docker run --name ex1-python python python -c "print(6 * 7)"
