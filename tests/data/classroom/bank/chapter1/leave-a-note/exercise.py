from dockerlab.grading.claims.disks import file
from dockerlab.grading.exercise import Check, Exercise

exercise = Exercise(
    items=("1.1",),
    level=1,
    checks=[
        Check("there", file("note.txt").exists()),
        Check("hello", file("note.txt").holds("hello"), points=2, needs=["there"]),
    ],
)
