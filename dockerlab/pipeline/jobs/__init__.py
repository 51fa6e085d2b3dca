"""The rules of the two CIs.

context   what all jobs of a run share
attempt   one job in its place: its steps begun and ended, nothing left of it
travis    phases; actions: conditions, outputs, what a job says to the next
shipping  a deployment as a step
causes    what an exit code means
"""
