from dockerlab.grading.claims.images import image, trial
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import lacks_step, no_cmd, no_shell, single_quotes

TICKET = "ex3/ticket"

exercise = Exercise(
    items=("3.2",),
    level=2,
    images=("alpine",),
    checks=[
        Check("image", image(TICKET).exists()),
        Check(
            "serial",
            trial(TICKET).repeats_line(1),
            points=2,
            needs=["image"],
            spots=[
                no_cmd(TICKET, "alpine"),
                single_quotes(),
                no_shell(TICKET),
                lacks_step("cmd-for-run", "RUN "),
            ],
        ),
        Check(
            "ticket",
            trial(TICKET).renews_line(2),
            points=2,
            needs=["image"],
            spots=[no_cmd(TICKET, "alpine"), single_quotes(), no_shell(TICKET)],
        ),
    ],
)
