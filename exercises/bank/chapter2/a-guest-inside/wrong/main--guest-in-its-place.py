# %%
%docker run -d --name ex2-app alpine sleep 300
%docker exec ex2-app sh -c "echo I was here > /srv/ex2-guest"
