"""Grading a class: submissions that nobody trusts, each in a sandbox with an engine of its own.

The grader stands outside and looks: no answer, and no check, is ever in a process that a
submission can read or was forked from. ``seam`` holds what the two sides say to each other.
"""
