# %%
%%file Dockerfile
FROM alpine
RUN printf '%s\n' 'trap "echo closed; exit 0" TERM' 'echo open' 'while true; do sleep 0.1; done' > /shop.sh
CMD ["sh", "/shop.sh"]

# %%
%docker build -t ex3/shop .
%docker run -d --name ex3-shop ex3/shop
lab.container("ex3-shop").wait_for_log("open")
%docker stop ex3-shop
%docker logs ex3-shop
