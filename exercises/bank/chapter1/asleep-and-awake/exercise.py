from dockerlab.grading.claims.containers import container, containers, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    already_started,
    line_as_one_word,
    only_created,
    options_after_image,
    similar_name,
)

ASLEEP, AWAKE = "ex1-asleep", "ex1-awake"

exercise = Exercise(
    items=("1.4", "1.7"),
    level=2,
    images=("alpine",),
    checks=[
        Check(
            "asleep",
            container(ASLEEP).is_created(),
            spots=[
                already_started(ASLEEP),
                options_after_image(ASLEEP),
                similar_name(ASLEEP, AWAKE),
            ],
        ),
        Check("command", container(ASLEEP).starts("echo", "good", "morning"), needs=["asleep"]),
        Check(
            "awake",
            container(AWAKE).has_ended(0),
            patience=2,
            spots=[line_as_one_word(AWAKE), only_created(AWAKE), similar_name(AWAKE, ASLEEP)],
        ),
        Check("says", logs(AWAKE).contain("good morning"), needs=["awake"]),
        Check("image", containers(ASLEEP, AWAKE).are_of("alpine"), needs=["asleep", "awake"]),
    ],
)
