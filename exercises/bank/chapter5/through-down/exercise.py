from dockerlab.grading.claims.disks import volume
from dockerlab.grading.claims.projects import compose_file, project
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.compose import volume_not_listed, volume_without_name
from dockerlab.grading.spots.volumes import folder_not_volume

PROJECT, STORE, DATA = "ex5-kept", "store", "/data"

exercise = Exercise(
    items=("5.1", "5.4"),
    level=2,
    images=("redis",),
    checks=[
        Check("up", project(PROJECT).runs(STORE), spots=[volume_not_listed("data")]),
        Check(
            "keeps",
            project(PROJECT).keeps(STORE, DATA),
            needs=["up"],
            spots=[
                volume_without_name(STORE, DATA),
                folder_not_volume(f"{PROJECT}-{STORE}-1", DATA),
            ],
        ),
        Check("listed", compose_file().lists_volume("data"), needs=["keeps"]),
        Check("written", volume("ex5-kept_data").holds("dump.rdb", "visits"), needs=["keeps"]),
        Check(
            "counts",
            project(PROJECT).says(STORE, ["redis-cli", "get", "visits"], "41", of="redis"),
            points=2,
            needs=["written"],
            patience=5,
        ),
    ],
)  # fmt: skip
