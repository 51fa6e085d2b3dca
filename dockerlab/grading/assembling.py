"""A chapter's notebook of exercises, assembled from the bank."""

from __future__ import annotations

SETUP = """\
import dockerlab
from dockerlab.grading import answer, check, hint, quiz, solution, start
%load_ext dockerlab
lab = dockerlab.connect(quiet=True)"""
"""The first code cell of every notebook of exercises."""
