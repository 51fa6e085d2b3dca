"""How boxes come about.

::

    templates   the two warm processes that fork them: one of students, one of engines
    maker       has a box forked, and an engine in it
    spare       the box that is made while the one before it is in use
    cgroup      the kernel's limits on a box, where this machine lets us have them
    originals   which images all engines begin with
"""
