"""Name resolution for containers: the server at 127.0.0.11, and its way to servers outside."""
