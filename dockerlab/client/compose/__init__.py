"""Compose projects: look what is there, plan what is to be done, do it."""
