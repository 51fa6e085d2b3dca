from dockerlab.grading.claims.images import image, recipe, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import cd_is_forgotten, no_cmd, single_quotes

LIST = "ex3/list"

exercise = Exercise(
    items=("3.2", "3.3"),
    level=2,
    images=("alpine",),
    checks=[
        Check("legible", recipe().is_legible(), edits="Dockerfile"),
        Check("image", image(LIST).exists(), needs=["legible"]),
        Check(
            "milk",
            trial(LIST).prints_just("milk"),
            points=2,
            needs=["image"],
            spots=[single_quotes(), cd_is_forgotten(), no_cmd(LIST, "alpine")],
        ),
    ],
)
