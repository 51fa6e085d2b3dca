from dockerlab.grading.claims.answers import question
from dockerlab.grading.claims.containers import container, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered
from dockerlab.grading.spots.containers import (
    line_as_one_word,
    options_after_image,
    similar_name,
)

LISTED, TRIED = "ex2-list", "ex2-tried"

exercise = Exercise(
    items=("2.2",),
    level=1,
    images=("alpine", "hello-world"),
    questions={"why": "choice"},
    checks=[
        Check(
            "list",
            container(LISTED).has_ended(0),
            patience=2,
            spots=[
                line_as_one_word(LISTED),
                options_after_image(LISTED),
                similar_name(LISTED, TRIED),
            ],
        ),
        Check("etc", logs(LISTED).contain("passwd"), needs=["list"]),
        Check("tried", container(TRIED).could_not_start()),
        Check("alpine", container(LISTED).is_of("alpine"), needs=["list"]),
        Check("hello-world", container(TRIED).is_of("hello-world"), needs=["tried"]),
        Check(
            "why",
            question("why").is_choice("files"),
            spots=[answered("never-replaced", "why", "fixed")],
        ),
    ],
)
