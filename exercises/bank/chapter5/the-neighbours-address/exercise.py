from dockerlab.grading.claims.networks import page
from dockerlab.grading.claims.projects import compose_file, project, service
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.compose import localhost_between_services, no_depends_on
from dockerlab.grading.spots.networks import localhost_in_files

PROJECT = "ex5-visits"

exercise = Exercise(
    items=("5.2", "5.3"),
    level=2,
    images=("node", "redis"),
    checks=[
        Check("up", project(PROJECT).runs("page")),
        Check(
            "counts",
            page(5502).says("Visits:"),
            points=2,
            needs=["up"],
            spots=[localhost_between_services("page"), localhost_in_files("page.js")],
            patience=3,
        ),
        Check("named", compose_file().is_named(PROJECT), needs=["up"]),
        Check(
            "needs",
            service("page").needs("store"),
            needs=["up"],
            spots=[no_depends_on("page", "store")],
        ),
        Check("no-door", service("store").publishes_nothing(), needs=["up"]),
    ],
)
