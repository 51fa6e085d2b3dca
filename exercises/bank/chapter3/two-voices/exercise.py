from dockerlab.grading.claims.images import image, recipe, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import has_step, no_shell, single_quotes, two_cmds

COUNT = "ex3/count"

exercise = Exercise(
    items=("3.2",),
    level=2,
    images=("alpine",),
    checks=[
        Check("image", image(COUNT).exists()),
        Check(
            "both",
            trial(COUNT).prints_just("one", "two"),
            points=2,
            needs=["image"],
            spots=[
                two_cmds(),
                single_quotes(),
                no_shell(COUNT),
                has_step("run-for-cmd", "RUN echo one"),
            ],
        ),
        Check("one-command", recipe().follows("last-counts"), needs=["image"]),
    ],
)
