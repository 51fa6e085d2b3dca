from dockerlab.grading.claims.disks import context
from dockerlab.grading.claims.images import build, image
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import removed_later

CLEAN, APP = "ex4/clean", "/usr/src/app"

exercise = Exercise(
    items=("4.5",),
    level=2,
    images=("node",),
    checks=[
        Check(
            "ignored",
            context().leaves_out("notes.txt", "password.txt"),
            spots=[removed_later("password.txt", "notes.txt")],
        ),
        Check("needed", context().sends("server.js", "package.json"), needs=["ignored"]),
        Check("quiet", build().keeps("COPY .", after="notes.txt"), needs=["needed"]),
        Check("image", image(CLEAN).holds(f"{APP}/server.js"), needs=["needed"]),
        Check("clean", image(CLEAN).lacks(f"{APP}/password.txt"), points=2, needs=["image"]),
    ],
)
