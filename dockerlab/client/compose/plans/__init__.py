"""Plan: what is to be done to a project, as data. Nothing in here asks or does."""
