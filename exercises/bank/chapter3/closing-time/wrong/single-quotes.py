# %%
%%file Dockerfile
FROM alpine
RUN printf '%s\n' 'trap "echo closed; exit 0" TERM' 'echo open' 'while true; do sleep 0.1; done' > /shop.sh
CMD ['sh', '/shop.sh']

# %%
%docker build -t ex3/shop .
