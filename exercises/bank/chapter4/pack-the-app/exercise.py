from dockerlab.grading.claims.containers import container
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.networks import page, port
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import lacks_step, nothing_to_install
from dockerlab.grading.spots.ports import no_port, wrong_port

IMAGE, APP = "ex4/app", "ex4-app"
OUTSIDE, INSIDE = 5401, 8080

exercise = Exercise(
    items=("4.1", "4.2", "4.3"),
    level=1,
    images=("node",),
    checks=[
        Check("image", image(IMAGE).exists(), spots=[nothing_to_install()]),
        Check("base", image(IMAGE).stands_on("node:22"), needs=["image"]),
        Check(
            "runs",
            container(APP).is_running(),
            needs=["image"],
            spots=[lacks_step("app-not-copied", "COPY .|index.js")],
        ),
        Check(
            "door",
            port(APP, INSIDE).is_published(at=OUTSIDE),
            needs=["runs"],
            spots=[no_port(APP), wrong_port(APP, inside=INSIDE, outside=OUTSIDE)],
        ),
        Check("made", container(APP).is_of(IMAGE), needs=["runs"]),
        Check("page", page(OUTSIDE).says("Hello World"), points=2, needs=["door"], patience=6),
    ],
)
