from dockerlab.grading.claims.projects import compose_file, service
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.compose import no_depends_on, ports_turned_round, unknown_key

exercise = Exercise(
    items=("5.3",),
    level=1,
    checks=[
        Check("valid", compose_file().is_valid(), spots=[unknown_key()]),
        Check("services", compose_file().has("store", "page"), needs=["valid"]),
        Check("image", service("store").has_image("redis"), needs=["services"]),
        Check("built", service("page").is_built(), needs=["services"]),
        Check(
            "port",
            service("page").publishes(5503, 8080),
            needs=["services"],
            spots=[ports_turned_round("page", 5503, 8080)],
        ),
        Check("told", service("page").sets("STORE", "store"), needs=["services"]),
        Check(
            "needs",
            service("page").needs("store"),
            needs=["services"],
            spots=[no_depends_on("page", "store")],
        ),
        Check("no-door", service("store").publishes_nothing(), needs=["services"]),
    ],
)
