from dockerlab.grading.claims.images import image, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import cd_is_forgotten, no_workdir, out_of_order

GUESTS = "ex4/guests"
SPOTS = [out_of_order("workdir-too-late", "COPY .", "WORKDIR"), cd_is_forgotten(), no_workdir()]

exercise = Exercise(
    items=("4.4",),
    level=2,
    images=("node",),
    checks=[
        Check("image", image(GUESTS).exists()),
        Check("system", image(GUESTS).holds("/etc/passwd", "root:"), needs=["image"], spots=SPOTS),
        Check(
            "folder",
            image(GUESTS).holds("/usr/src/app/etc/passwd", "Ada"),
            needs=["image"],
            spots=SPOTS,
        ),
        Check(
            "guests",
            trial(GUESTS).prints_just("Ada may pass", "Grace may pass"),
            points=2,
            needs=["system", "folder"],
        ),
    ],
)
