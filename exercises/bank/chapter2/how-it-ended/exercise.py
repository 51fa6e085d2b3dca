from dockerlab.grading.claims.containers import container, containers, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    line_as_one_word,
    needs_a_shell,
    similar_name,
    unquoted_line,
)

GOOD, BAD = "ex2-good", "ex2-bad"

exercise = Exercise(
    items=("2.5", "2.2"),
    level=2,
    images=("alpine",),
    checks=[
        Check(
            "good",
            container(GOOD).has_ended(0),
            patience=2,
            spots=[line_as_one_word(GOOD), needs_a_shell(GOOD), similar_name(GOOD, BAD)],
        ),
        Check(
            "bad",
            container(BAD).has_ended(3),
            points=2,
            patience=2,
            spots=[
                needs_a_shell(BAD),
                unquoted_line(BAD),
                line_as_one_word(BAD),
                similar_name(BAD, GOOD),
            ],
        ),
        Check("says", logs(BAD).contain("no milk"), needs=["bad"]),
        Check("image", containers(GOOD, BAD).are_of("alpine"), needs=["good", "bad"]),
    ],
)
