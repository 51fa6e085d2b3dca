from dockerlab.grading.claims.images import image, result
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import lacks_step, removed_later

SLIM = "ex3/slim"

exercise = Exercise(
    items=("3.2", "3.3"),
    level=3,
    images=("alpine",),
    checks=[
        Check("image", image(SLIM).exists()),
        Check("fingerprint", image(SLIM).holds("/fingerprint", "/tmp/download"), needs=["image"]),
        Check(
            "weight",
            result(SLIM).adds_at_most(100_000, to="alpine"),
            points=3,
            needs=["fingerprint"],
            spots=[removed_later("/tmp"), lacks_step("not-removed", "RUN rm |; rm |&& rm ")],
        ),
    ],
)
