from dockerlab.grading.claims.containers import container, limits
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import nothing_to_do, options_after_image, similar_name
from dockerlab.grading.spots.limits import (
    decimal_megabytes,
    pinned_is_no_limit,
    shares_are_no_limit,
    soft_limit,
)

NAME = "ex1-small"

exercise = Exercise(
    items=("1.6",),
    level=3,
    images=("alpine",),
    checks=[
        Check(
            "running",
            container(NAME).is_running(),
            spots=[options_after_image(NAME), nothing_to_do(NAME), similar_name(NAME)],
        ),
        Check(
            "memory",
            limits(NAME).memory("64m"),
            needs=["running"],
            spots=[decimal_megabytes(NAME), soft_limit(NAME)],
        ),
        Check(
            "cpus",
            limits(NAME).cpus(0.5),
            needs=["running"],
            spots=[shares_are_no_limit(NAME), pinned_is_no_limit(NAME)],
        ),
        Check("processes", limits(NAME).processes(40), needs=["running"]),
        Check("image", container(NAME).is_of("alpine"), needs=["memory", "cpus", "processes"]),
    ],
)
