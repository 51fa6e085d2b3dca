"""Compose files: what a project of several containers is, read into records."""
