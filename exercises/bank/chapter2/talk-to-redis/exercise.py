from dockerlab.grading.claims.containers import command, container
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    command_replaced,
    options_after_image,
    similar_name,
)

NAME = "ex2-redis"

exercise = Exercise(
    items=("2.12",),
    level=2,
    images=("redis",),
    checks=[
        Check(
            "running",
            container(NAME).is_running(),
            spots=[options_after_image(NAME), command_replaced(NAME), similar_name(NAME)],
        ),
        Check(
            "key",
            command(NAME, "redis-cli", "get", "key1", of="redis").says("hello"),
            needs=["running"],
            patience=2,
            seconds=20,
        ),
        Check(
            "visits",
            command(NAME, "redis-cli", "get", "visits", of="redis").says("3"),
            points=2,
            needs=["running"],
            patience=1,
            seconds=20,
        ),
    ],
)
