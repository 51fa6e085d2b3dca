from dockerlab.grading.claims.containers import container, containers, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import (
    deaf_first_process,
    ended_by_force,
    heard_but_went_on,
    similar_name,
)

POLITE, SLEEPER = "ex2-polite", "ex2-asked"

exercise = Exercise(
    items=("2.7",),
    level=3,
    images=("alpine",),
    checks=[
        Check(
            "polite",
            container(POLITE).has_ended(0),
            points=2,
            patience=2,
            spots=[
                heard_but_went_on(POLITE, "saved"),
                ended_by_force(POLITE),
                similar_name(POLITE, SLEEPER),
            ],
        ),
        Check("saved", logs(POLITE).contain("saved"), needs=["polite"]),
        Check(
            "asked",
            container(SLEEPER).has_ended(143),
            points=2,
            patience=2,
            spots=[deaf_first_process(SLEEPER), ended_by_force(SLEEPER)],
        ),
        Check("sleeps", container(SLEEPER).starts("sleep", "600"), needs=["asked"]),
        Check("image", containers(POLITE, SLEEPER).are_of("alpine"), needs=["polite", "asked"]),
    ],
)
