from dockerlab.grading.claims.images import image
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import has_image

PARCEL = "ex3/parcel"
VERSION, STABLE, LATEST = f"{PARCEL}:1.0", f"{PARCEL}:stable", f"{PARCEL}:latest"

exercise = Exercise(
    items=("3.4",),
    level=1,
    images=("alpine",),
    checks=[
        Check("version", image(VERSION).exists(), spots=[has_image("no-tag", LATEST)]),
        Check("stable", image(VERSION).is_also(STABLE), points=2, needs=["version"]),
        Check("no-latest", image(LATEST).is_gone(), needs=["version"]),
    ],
)
