"""The side of a box that lives in its container.

::

    layout     users and paths
    first      the container's first process: starts the others, measures, ends it all
    guard      stops, continues and ends all of the student's processes at once
    people     how the engine's and the student's process become what they may be
    sharing    what both of them may write to
    packing    sends the work folder out

None of it ever has a check, an answer or another submission in its memory.
"""
