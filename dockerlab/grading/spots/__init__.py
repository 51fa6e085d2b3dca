"""Misconceptions by their names, and how to see them in the state that was reached."""
