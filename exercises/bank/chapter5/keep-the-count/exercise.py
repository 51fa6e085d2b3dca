from dockerlab.grading.claims.containers import command, container
from dockerlab.grading.claims.disks import volume
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.volumes import (
    data_in_the_container_layer,
    folder_not_volume,
    no_volume,
    volume_elsewhere,
)

STORE, VOLUME, DATA = "ex5-store", "ex5-data", "/data"

exercise = Exercise(
    items=("5.1",),
    level=1,
    images=("redis",),
    checks=[
        Check("runs", container(STORE).is_running()),
        Check("image", container(STORE).is_of("redis"), needs=["runs"]),
        Check(
            "mounted",
            volume(VOLUME).is_mounted(STORE, DATA),
            needs=["runs"],
            spots=[
                volume_elsewhere(VOLUME, STORE, DATA),
                folder_not_volume(STORE, DATA),
                no_volume(STORE, DATA),
                data_in_the_container_layer(STORE, DATA),
            ],
        ),
        Check("kept", volume(VOLUME).holds("dump.rdb", "visits"), points=2, needs=["mounted"]),
        Check(
            "counts",
            command(STORE, "redis-cli", "get", "visits", of="redis").says("41"),
            needs=["kept"],
            patience=5,
        ),
    ],
)
