from dockerlab.grading.claims.containers import container, process
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    nothing_to_do,
    options_after_image,
    similar_name,
    written_elsewhere,
)

NAME, PATH = "ex2-app", "/srv/ex2-guest"

exercise = Exercise(
    items=("2.11", "2.13"),
    level=2,
    images=("alpine",),
    checks=[
        Check(
            "running",
            container(NAME).is_running(),
            spots=[options_after_image(NAME), nothing_to_do(NAME), similar_name(NAME)],
        ),
        Check("image", container(NAME).is_of("alpine"), needs=["running"]),
        Check("main", container(NAME).starts("sleep", "3600"), needs=["running"]),
        Check("guest", process(NAME, "sleep 300").is_running(), needs=["running"], patience=2),
        Check(
            "file",
            container(NAME).holds(PATH, "I was here"),
            points=2,
            needs=["running"],
            spots=[written_elsewhere(NAME, PATH)],
        ),
    ],
)
