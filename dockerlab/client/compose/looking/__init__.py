"""Look: what the engine has of a project."""
