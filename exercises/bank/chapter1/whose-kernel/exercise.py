from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.answers import question
from dockerlab.grading.claims.containers import container, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.outcome import say
from dockerlab.grading.spots.answers import answered
from dockerlab.grading.spots.containers import similar_name, wrote

NAME = "ex1-kernel"


def kernel(bench: Bench) -> str:
    """The release of the kernel that the engine runs on."""
    return str(bench.api.version()["KernelVersion"])


exercise = Exercise(
    items=("1.5",),
    level=2,
    images=("alpine",),
    questions={"containers": "number", "machines": "number"},
    checks=[
        Check("ended", container(NAME).has_ended(0), patience=2, spots=[similar_name(NAME)]),
        Check(
            "kernel",
            logs(NAME).contain(kernel, called=say("logs.kernel")),
            needs=["ended"],
            spots=[wrote("distribution-not-kernel", NAME, "NAME=")],
        ),
        Check("image", container(NAME).is_of("alpine"), needs=["kernel"]),
        Check(
            "containers",
            question("containers").is_number(1),
            spots=[answered("a-kernel-each", "containers", 4, 5)],
        ),
        Check(
            "machines",
            question("machines").is_number(5),
            spots=[answered("host-forgotten", "machines", 4), answered("shared", "machines", 1)],
        ),
    ],
)
