from dockerlab.grading.claims.containers import command, container
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    command_replaced,
    options_after_image,
    similar_name,
)

NAME = "ex1-redis"

exercise = Exercise(
    items=("1.1",),
    level=1,
    images=("redis",),
    checks=[
        Check(
            "running",
            container(NAME).is_running(),
            spots=[options_after_image(NAME), similar_name(NAME), command_replaced(NAME)],
        ),
        Check("image", container(NAME).is_of("redis"), needs=["running"]),
        Check(
            "remembers",
            command(NAME, "redis-cli", "get", "greeting", of="redis").says("hello"),
            needs=["running"],
            patience=2,
            seconds=20,
        ),
    ],
)
