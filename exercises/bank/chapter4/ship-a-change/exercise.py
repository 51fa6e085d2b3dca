from dockerlab.grading.claims.containers import container
from dockerlab.grading.claims.disks import file
from dockerlab.grading.claims.images import result
from dockerlab.grading.claims.networks import page, port
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import not_rebuilt
from dockerlab.grading.spots.ports import no_port, old_container

IMAGE, SHOP = "ex4/shop", "ex4-shop"
SERVER, THERE = "server.js", "/usr/src/app/server.js"

exercise = Exercise(
    items=("4.5",),
    level=2,
    images=("node",),
    checks=[
        Check("edited", file(SERVER).holds("version 2"), edits=SERVER),
        Check(
            "packed",
            file(SERVER).is_in(IMAGE, THERE),
            needs=["edited"],
            spots=[not_rebuilt(IMAGE, SERVER, THERE)],
        ),
        Check("runs", container(SHOP).is_running(), needs=["packed"]),
        Check(
            "current",
            result(IMAGE).is_in(SHOP),
            needs=["runs"],
            spots=[old_container(SHOP, IMAGE)],
        ),
        Check(
            "door", port(SHOP, 8080).is_published(at=5406), needs=["runs"], spots=[no_port(SHOP)]
        ),
        Check("page", page(5406).says("version 2"), needs=["current", "door"], patience=6),
    ],
)
