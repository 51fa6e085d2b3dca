"""Whether what the files say can be meant: by the specification's schema, and as a whole."""
