"""A CI's files and runs: what a file says, what will be done, what was done.

outline.pipeline(text, name)   lenient: what an exercise's claim looks at, half-written or not
loading.load(text, name)       strict: a ``plan.Plan`` to follow, or the line that cannot be
run.Run                        what was done; ``wire`` turns it into JSON and back
"""
