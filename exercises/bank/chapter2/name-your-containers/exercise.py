from dockerlab.grading.claims.containers import container
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    nothing_to_do,
    only_created,
    options_after_image,
    similar_name,
)

WEB, NIGHT, DAY = "ex2-web", "ex2-sleeper", "ex2-box"

exercise = Exercise(
    items=("2.4",),
    level=1,
    images=("nginx", "alpine"),
    checks=[
        Check(
            "web",
            container(WEB).is_running(),
            spots=[options_after_image(WEB), only_created(WEB), similar_name(WEB, DAY)],
        ),
        Check("nginx", container(WEB).is_of("nginx"), needs=["web"]),
        Check(
            "sleeper",
            container(NIGHT).is_running(),
            spots=[options_after_image(NIGHT), nothing_to_do(NIGHT)],
        ),
        Check("alpine", container(NIGHT).is_of("alpine"), needs=["sleeper"]),
        Check("renamed", container(DAY).is_gone(), needs=["sleeper"]),
    ],
)
