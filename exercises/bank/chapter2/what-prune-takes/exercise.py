from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered, chose

exercise = Exercise(
    items=("2.10", "2.8"),
    level=2,
    questions={"goes": "choices", "all": "choice", "refused": "choice"},
    checks=[
        Check(
            "goes",
            question("goes").is_choice("stopped", "nameless", "network"),
            points=2,
            spots=[
                chose("volumes-hold-data", "goes", "volume"),
                chose("running-is-safe", "goes", "running"),
                chose("named-stays", "goes", "named"),
            ],
        ),
        Check(
            "all",
            question("all").is_choice("unused"),
            spots=[
                answered("volumes-hold-data", "all", "volumes"),
                answered("running-is-safe", "all", "running"),
            ],
        ),
        Check(
            "refused",
            question("refused").is_choice("stop"),
            spots=[answered("force-is-a-kill", "refused", "force")],
        ),
    ],
)
