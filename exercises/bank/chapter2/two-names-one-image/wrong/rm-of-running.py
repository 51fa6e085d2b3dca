# %%
%docker run -d --name ex2-writer alpine sleep 600
%docker exec ex2-writer sh -c "echo remember the milk > /note"
%docker commit ex2-writer ex2/note
%docker tag ex2/note ex2/reminder
# %%
%docker rm ex2-writer
