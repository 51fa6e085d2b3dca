"""A pipeline's run in each state, and a cloud's environment, history and load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.cloud import Environment, Event, History, Instance, Load, Sample
from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun
from dockerlab.views import show

AT = 1_800_000_000.0
P, F, S, R, W = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.RUNNING, Status.WAITING
BUILD = StepRun("docker build -t ch6/test .", "before_install", P, AT, AT + 7.2, 0, log=("built",))
TESTS = StepRun(
    "docker run ch6/test npm test", "script", F, AT + 7.2, AT + 13.1, 1,
    note="The script said no.", log=tuple(f"line {n}" for n in range(30)),
)  # fmt: skip
UNSENT = StepRun("elasticbeanstalk", "deploy", S, note="the script failed.")
FAILED = Run(
    3, ".travis.yml", "master", "1a2b3c4d", "Break the greeting", F, AT, AT + 13.1,
    (JobRun("docker", (), F, (BUILD, TESTS, UNSENT)),),
    (Finding("AWS_SECRET_ACCESS_KEY", "deploy.sh", 12),),
)  # fmt: skip
RUNNING = Run(
    4, ".github/workflows/deploy.yml", "main", "1a2b3c4d", "Greet", R, AT,
    jobs=(
        JobRun("lint", (), P, (StepRun("npm run lint", "", P, AT, AT + 3, 0),)),
        JobRun("test", (), R, (StepRun("npm test", "", R, AT + 3, log=("so far",)),)),
        JobRun("deploy", ("lint", "test"), W, (StepRun("deploy", "", W),)),
    ),
)  # fmt: skip


def instance(number: int, version: str = "v4", **more: Any) -> Instance:
    facts = {"state": "InService", "health": "Green", **more}
    return Instance(f"i-{number:017x}", f"ch6-env-{number}", version, **facts)


ROLLING = Environment(
    "ch6-env", "e-abcdefghij", "ch6", "v5", "Updating", "Yellow", "http://127.0.0.1:8087",
    page="/proxy/8087/", requests=100.2, errors=1.2,
    instances=(
        instance(1, requests=92.0),
        instance(3, "v5", requests=8.21),
        instance(4, "v5", state="Pending", health="Grey"),
        instance(5, "v5", state="OutOfService", health="Red", cause="nobody answers at port 80"),
    ),
    events=(
        Event(AT, "INFO", "createEnvironment is starting."),
        Event(AT + 30, "WARN", "Environment health has transitioned to Yellow."),
        Event(AT + 60, "ERROR", "Failed to deploy application: nobody answers at port 80.", "v5"),
    ),
)  # fmt: skip
HISTORY = History(
    "ch6-env",
    tuple(
        Sample(
            AT + at, 200.0 if 5 < at < 40 else 4.0, min(1 + at // 5, 4), min(2 + at // 5, 4),
            6.0 if at == 20 else 0.0,
        )
        for at in range(60)
    ),
)  # fmt: skip
LOAD = Load(2000, 30, 10.0, 3.4, 81.2, (("i-1", 1500), ("i-2", 470)))
EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "pipeline": lambda lang: show(FAILED, lang),
    "pipeline running": lambda lang: show(RUNNING, lang),
    "environment": lambda lang: show(ROLLING, lang),
    "history": lambda lang: show(HISTORY, lang),
    "load": lambda lang: show(LOAD, lang),
}
