# %%
%docker run --name ex1-tool alpine expr 6 '*' 7
%docker run --name ex1-node node node -e "console.log(6 * 7)"
%docker run --name ex1-python python python -c "6 * 7"
