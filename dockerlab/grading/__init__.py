"""Exercises: is it done, and if not yet, why."""
