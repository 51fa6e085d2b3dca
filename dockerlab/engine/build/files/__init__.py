"""Files of a build: where COPY and ADD read (trees) and where they write (drafts of layers)."""
