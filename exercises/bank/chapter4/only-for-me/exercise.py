from dockerlab.grading.claims.containers import container
from dockerlab.grading.claims.networks import page, port
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import (
    everywhere,
    exposed_only,
    no_port,
    swapped_ports,
    wrong_port,
)

DIARY = "ex4-diary"
OUTSIDE, INSIDE = 5402, 5492

exercise = Exercise(
    items=("4.3",),
    level=1,
    images=("node",),
    checks=[
        Check("runs", container(DIARY).is_running()),
        Check(
            "door",
            port(DIARY, INSIDE).is_published(at=OUTSIDE),
            needs=["runs"],
            spots=[
                exposed_only(DIARY, INSIDE),
                no_port(DIARY),
                swapped_ports(DIARY, inside=INSIDE, outside=OUTSIDE),
                wrong_port(DIARY, inside=INSIDE, outside=OUTSIDE),
            ],
        ),
        Check(
            "private",
            port(DIARY, INSIDE).is_only_here(),
            points=2,
            needs=["door"],
            spots=[everywhere(DIARY)],
        ),
        Check("page", page(OUTSIDE).says("Dear diary"), needs=["door"], patience=6),
    ],
)
