"""Who is called what: the files with names in a container, and what its name server knows."""
