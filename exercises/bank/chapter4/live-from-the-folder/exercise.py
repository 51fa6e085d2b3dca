from dockerlab.grading.claims.containers import container
from dockerlab.grading.claims.disks import bind, file
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.networks import page
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import bind_hides, no_bind, no_port

IMAGE, LIVE, APP = "ex4/live", "ex4-live", "/usr/src/app"
NEW = "Hello from my folder"

exercise = Exercise(
    items=("4.6",),
    level=3,
    images=("node",),
    checks=[
        Check("image", image(IMAGE).holds(f"{APP}/index.js", "Hello World")),
        Check(
            "runs",
            container(LIVE).is_running(),
            needs=["image"],
            spots=[bind_hides(LIVE, APP)],
        ),
        Check("bound", bind(LIVE, APP).is_there(), needs=["runs"], spots=[no_bind(LIVE, APP)]),
        Check("edited", file("index.js").holds(NEW), edits="index.js"),
        Check(
            "page",
            page(5407).says(NEW),
            points=2,
            needs=["bound", "edited"],
            patience=4,
            spots=[no_port(LIVE)],
        ),
    ],
)
