"""``.travis.yml``: ``file`` reads the whole, the others a part of it each."""
