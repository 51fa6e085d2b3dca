"""The side of a sandbox that lives in it, from the outermost process to the student's.

::

    template     has all imported that a submission needs, and forks a box on request
    namespaces   user namespaces and what a box does not share with the machine
    places       which files are seen, for the engine and for the student
    holder       the box's first process: starts the student, measures, ends it all
    meter        what the box's processes use
    student      the first process beside the student's, and how that one becomes harmless
    cells        runs cells in IPython: from here on everything is hostile
    calls        system calls that the engine has no need of

None of it ever has a check, an answer or another submission in its memory.
"""
