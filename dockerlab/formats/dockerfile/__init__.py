"""Dockerfiles, in three steps: text, meaning, values.

``parser`` cuts the text into nodes (lines, flags, heredocs); ``reader`` makes of them the typed
records of ``instructions``, in stages; ``expansion`` puts variables in when a step is about to
run, since only then their values are known. No step knows the ones after it.
"""
