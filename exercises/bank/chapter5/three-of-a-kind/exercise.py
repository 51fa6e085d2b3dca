from dockerlab.grading.claims.networks import page
from dockerlab.grading.claims.projects import project, service
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.compose import (
    name_for_many,
    one_door_for_many,
    started_is_not_ready,
)

PROJECT = project("ex5-three")

exercise = Exercise(
    items=("5.4",),
    level=3,
    images=("node", "redis"),
    checks=[
        Check("healthy", PROJECT.is_healthy("store"), points=2, patience=4,
              spots=[name_for_many("page")]),
        Check("asks", service("store").asks_whether_ready("redis-cli ping"), needs=["healthy"]),
        Check("waits", service("page").needs("store", "service_healthy"), needs=["healthy"],
              spots=[started_is_not_ready("page", "store")]),
        Check(
            "three",
            PROJECT.runs("page", 3),
            points=2,
            spots=[name_for_many("page"), one_door_for_many("page")],
            edits="compose.yaml",
        ),
        *(
            Check(f"door-{port}", page(port).says("Visits:"), points=0.5, needs=["three"],
                  patience=3)
            for port in (5504, 5505, 5506)
        ),
    ],
)  # fmt: skip
