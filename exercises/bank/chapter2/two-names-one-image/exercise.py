from dockerlab.grading.claims.containers import container
from dockerlab.grading.claims.images import image
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import copied_not_named
from dockerlab.grading.spots.containers import rm_of_running

NOTE, REMINDER, WRITER = "ex2/note", "ex2/reminder", "ex2-writer"

exercise = Exercise(
    items=("2.8", "2.9"),
    level=2,
    images=("alpine",),
    checks=[
        Check("note", image(NOTE).holds("/note", "remember the milk")),
        Check(
            "reminder",
            image(NOTE).is_also(REMINDER),
            needs=["note"],
            spots=[copied_not_named(NOTE, REMINDER)],
        ),
        Check(
            "removed", container(WRITER).is_gone(), needs=["note"], spots=[rm_of_running(WRITER)]
        ),
    ],
)
