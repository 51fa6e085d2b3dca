"""A CI of the learner's own: a repository to push to, settings, and the runs that came of it.

    folder   where all of it lies, and whether a run's process is alive
    ci       ``lab.ci(name)``

What runs a pipeline is a process (``python -m dockerlab.pipeline``); here its files are read.
"""
