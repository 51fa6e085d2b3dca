from dockerlab.grading.claims.containers import is_fresh
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.networks import page
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import no_port, swapped_ports, wrong_port
from dockerlab.grading.spots.production import dockerfile_not_named

PRODUCTION, DEV, BOX = "ex6/site", "ex6/site:dev", "ex6-dev"

exercise = Exercise(
    items=("6.1",),
    level=1,
    images=("node", "nginx"),
    checks=[
        Check("production", image(PRODUCTION).stands_on("nginx")),
        Check(
            "dev",
            image(DEV).holds("/usr/src/app/test/page.test.js"),
            points=2,
            spots=[dockerfile_not_named(DEV, PRODUCTION)],
        ),
        Check("runs", is_fresh(BOX, DEV), needs=["dev"]),
        Check(
            "page",
            page(5600).says("Hello from the container!"),
            needs=["runs"],
            spots=[
                no_port(BOX),
                swapped_ports(BOX, inside=8080, outside=5600),
                wrong_port(BOX, inside=8080, outside=5600),
            ],
            patience=3,
        ),
    ],
)
