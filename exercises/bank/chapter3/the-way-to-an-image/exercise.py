from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

exercise = Exercise(
    items=("3.1", "3.3"),
    level=1,
    questions={"way": "order", "film": "choice", "temporary": "number"},
    checks=[
        Check(
            "way",
            question("way").is_order("write", "pack", "send", "steps", "name"),
            spots=[
                answered(
                    "named-before-it-is-made", "way", ["write", "pack", "send", "name", "steps"]
                )
            ],
        ),
        Check(
            "film",
            question("film").is_choice("sent"),
            spots=[
                answered("not-sent", "film", "stays"),
                answered("sent-is-copied", "film", "inside"),
            ],
        ),
        Check(
            "temporary",
            question("temporary").is_number(3),
            spots=[
                answered("from-needs-none", "temporary", 4),
                answered("settings-too", "temporary", 2),
            ],
        ),
    ],
)
