from dockerlab.grading.claims.containers import is_fresh
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.networks import page
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import no_port, swapped_ports, wrong_port
from dockerlab.grading.spots.production import one_stage, sources_served

IMAGE, BOX, HTML = "ex6/small", "ex6-small", "/usr/share/nginx/html"
HERE = {"inside": 80, "outside": 5601}

exercise = Exercise(
    items=("6.5",),
    level=2,
    images=("node", "nginx"),
    checks=[
        Check("small", image(IMAGE).stands_on("nginx"), points=2,
              spots=[one_stage(IMAGE, "node:22")]),
        Check(
            "finished",
            image(IMAGE).holds(f"{HTML}/index.html", "Hello from the container!"),
            points=2,
            needs=["small"],
            spots=[sources_served(IMAGE, f"{HTML}/src/page.html", f"{HTML}/page.html")],
        ),
        Check("lean", image(IMAGE).lacks(f"{HTML}/package.json"), needs=["finished"]),
        Check("runs", is_fresh(BOX, IMAGE), needs=["small"]),
        Check(
            "page",
            page(5601).says("Hello from the container!"),
            needs=["runs", "finished"],
            spots=[no_port(BOX), swapped_ports(BOX, **HERE), wrong_port(BOX, **HERE)],
            patience=3,
        ),
    ],
)  # fmt: skip
