from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.answers import question
from dockerlab.grading.claims.images.properties import layers_of
from dockerlab.grading.claims.looking.facts import image_facts
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered


def layers(bench: Bench) -> float:
    """As many as the learner's own image has: it may be Docker Hub's or a stand-in."""
    return len(layers_of(image_facts(bench, "redis") or {}))


exercise = Exercise(
    items=("1.4",),
    level=2,
    images=("redis", "hello-world"),
    questions={"layers": "number", "command": "text", "shell": "choice"},
    checks=[
        Check(
            "layers",
            question("layers").is_number(layers),
            spots=[answered("one-package", "layers", 1)],
        ),
        Check(
            "command",
            question("command").is_text("redis-server", '["redis-server"]', "['redis-server']"),
            spots=[
                answered("other-program", "command", "redis-cli", "redis", "redis-server.exe"),
                answered(
                    "gate-not-command",
                    "command",
                    "docker-entrypoint.sh",
                    "docker-entrypoint.sh redis-server",
                ),
            ],
        ),
        Check(
            "shell",
            question("shell").is_choice("redis"),
            spots=[answered("not-a-system", "shell", "both", "hello-world")],
        ),
    ],
)
