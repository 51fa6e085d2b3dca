from dockerlab.grading.claims.containers import container, logs
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.containers import computed_not_printed, no_such_program, wrote

TOOL, NODE, PYTHON = "ex1-tool", "ex1-node", "ex1-python"

exercise = Exercise(
    items=("1.2",),
    level=1,
    images=("alpine", "node", "python"),
    checks=[
        Check(
            "tool",
            logs(TOOL).contain("42"),
            spots=[no_such_program(TOOL), wrote("one-word", TOOL, "6*7")],
        ),
        Check("node-image", container(NODE).is_of("node")),
        Check(
            "node",
            logs(NODE).contain("42"),
            needs=["node-image"],
            spots=[computed_not_printed(NODE)],
        ),
        Check("python-image", container(PYTHON).is_of("python")),
        Check(
            "python",
            logs(PYTHON).contain("42"),
            needs=["python-image"],
            spots=[computed_not_printed(PYTHON)],
        ),
    ],
)
