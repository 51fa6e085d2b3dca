from dockerlab.grading.claims.images import image, recipe, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import no_cmd, single_quotes

HELLO = "ex3/hello"

exercise = Exercise(
    items=("3.1", "3.2", "3.4"),
    level=1,
    images=("alpine",),
    checks=[
        Check("recipe", recipe().starts_from("alpine")),
        Check("image", image(HELLO).exists(), needs=["recipe"]),
        Check(
            "speaks",
            trial(HELLO).prints_just("Hello from my image"),
            points=2,
            needs=["image"],
            spots=[no_cmd(HELLO, "alpine"), single_quotes()],
        ),
    ],
)
