"""Where a job's commands run.

place      a job's folders, its variables, and its ``docker``
channel    a process that is written to and read from: here, or in a container
local      this machine; container: one of an image, with the job's folder in it
shell      commands one after the other, each with its exit code and its time
leftovers  what a job has started and not ended
"""
