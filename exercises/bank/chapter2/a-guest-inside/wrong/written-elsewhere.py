# %%
%docker run -d --name ex2-app alpine sleep 3600
%docker exec -d ex2-app sleep 300
# %%
%docker run --name ex2-visit alpine sh -c "echo I was here > /srv/ex2-guest"
