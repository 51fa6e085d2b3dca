from dockerlab.grading.claims.containers import container, containers
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import already_started, nothing_to_do, only_created

CREATED, RUNNING, PAUSED, ENDED = "ex2-created", "ex2-running", "ex2-paused", "ex2-ended"
ALL = containers(CREATED, RUNNING, PAUSED, ENDED)
STATES = ["created", "running", "paused", "ended"]

exercise = Exercise(
    items=("2.6",),
    level=2,
    images=("alpine",),
    checks=[
        Check("created", container(CREATED).is_created(), spots=[already_started(CREATED)]),
        Check(
            "running",
            container(RUNNING).is_running(),
            spots=[nothing_to_do(RUNNING), only_created(RUNNING)],
        ),
        Check(
            "paused",
            container(PAUSED).is_paused(),
            spots=[nothing_to_do(PAUSED), only_created(PAUSED)],
        ),
        Check("ended", container(ENDED).has_ended(), patience=2, spots=[only_created(ENDED)]),
        Check("image", ALL.are_of("alpine"), needs=STATES),
        Check("command", ALL.start("sleep", "600"), needs=STATES),
    ],
)
