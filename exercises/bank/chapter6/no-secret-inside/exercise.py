from dockerlab.grading.claims.containers import is_fresh, logs
from dockerlab.grading.claims.images import image, secret
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import old_container
from dockerlab.grading.spots.production import (
    secret_copied,
    secret_in_an_earlier_layer,
    secret_in_the_history,
    secret_in_the_settings,
)

IMAGE, BOX, KEY = "ex6/quiet", "ex6-quiet", secret("k-4711-sesame")

exercise = Exercise(
    items=("6.8",),
    level=3,
    images=("busybox",),
    checks=[
        Check("program", image(IMAGE).holds("/app/run.sh")),
        Check(
            "secret",
            KEY.stays_out_of(IMAGE),
            points=3,
            needs=["program"],
            spots=[
                secret_in_the_settings(KEY, IMAGE),
                secret_in_the_history(KEY, IMAGE),
                secret_in_an_earlier_layer(KEY, IMAGE),
                secret_copied(KEY, IMAGE),
            ],
        ),
        Check("works", logs(BOX).contain("The door is open."), needs=["program"], patience=2),
        Check("newest", is_fresh(BOX, IMAGE), needs=["works"],
              spots=[old_container(BOX, IMAGE)]),
    ],
)  # fmt: skip
