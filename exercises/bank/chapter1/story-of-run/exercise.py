from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

STEPS = ("client", "cache", "registry", "disk", "command")

exercise = Exercise(
    items=("1.7",),
    level=1,
    questions={"steps": "order", "again": "choice", "words": "choice"},
    checks=[
        Check(
            "steps",
            question("steps").is_order(*STEPS),
            points=2,
            spots=[
                answered(
                    "registry-first", "steps", ["client", "registry", "cache", "disk", "command"]
                ),
                answered(
                    "command-before-disk",
                    "steps",
                    ["client", "cache", "registry", "command", "disk"],
                ),
            ],
        ),
        Check(
            "again",
            question("again").is_choice("registry"),
            spots=[answered("disk-is-shared", "again", "disk")],
        ),
        Check(
            "words",
            question("words").is_choice("command"),
            spots=[answered("files-stay", "words", "disk")],
        ),
    ],
)
