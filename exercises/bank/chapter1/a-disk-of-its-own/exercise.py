from dockerlab.grading.claims.containers import container, containers
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    nothing_to_do,
    options_after_image,
    similar_name,
    written_elsewhere,
)

ONE, OTHER, PATH = "ex1-one", "ex1-other", "/only-here.txt"

exercise = Exercise(
    items=("1.3",),
    level=1,
    images=("alpine",),
    checks=[
        Check(
            "one",
            container(ONE).is_running(),
            spots=[options_after_image(ONE), nothing_to_do(ONE)],
        ),
        Check(
            "other",
            container(OTHER).is_running(),
            spots=[options_after_image(OTHER), nothing_to_do(OTHER), similar_name(OTHER, ONE)],
        ),
        Check(
            "file",
            container(ONE).holds(PATH, "mine"),
            points=2,
            needs=["one"],
            spots=[written_elsewhere(ONE, PATH, OTHER)],
        ),
        Check("image", containers(ONE, OTHER).are_of("alpine"), needs=["one", "other"]),
        Check("apart", container(OTHER).lacks(PATH), needs=["file", "other"]),
    ],
)
