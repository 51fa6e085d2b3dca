# %%
%docker run -d --name ex2-app alpine sleep 3600
%docker exec -d ex2-app sleep 300
%docker exec ex2-app sh -c "echo I was here > /srv/ex2-guest"
# %%
%docker restart -t 0 ex2-app
