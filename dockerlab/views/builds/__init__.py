"""Pictures of builds: their steps in time, what the cache did and why, what layers hold.

Nothing is imported here: ``views.words`` takes its words from this folder, whose pictures need
``views.words``.
"""
