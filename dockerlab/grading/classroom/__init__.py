"""Grading a class: submissions that nobody trusts, each in a sandbox with an engine of its own.

::

    intake/    whose a submission is, and its files
    course     what the assignment consists of, as the course says it
    notebook   a submission's cells, matched to the course's
    grader     one submission: run it in a box, look, write down the best
    fleet/     graders in processes of their own, here or on a cluster
    sitting    a class: what is not graded yet, through a fleet
    results    what came of each, on disk
    reports/   tables, pages, nbgrader's gradebook
    machine    what of this machine submissions see
    seam       what a grader and a sandbox say to each other
    sandbox/   the other side of it, made of this machine's namespaces
    dockerbox/ and made of containers, on a machine that has Docker Engine

The grader stands outside and looks: no answer, and no check, is ever in a process that a
submission can read or was forked from.
"""
