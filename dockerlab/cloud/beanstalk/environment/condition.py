"""An environment's health, from its instances and the answers that they gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dockerlab.cloud.beanstalk.fleet.instances import Instance
from dockerlab.cloud.beanstalk.fleet.traffic import Traffic
from dockerlab.cloud.beanstalk.records import Health

SECONDS = 10.0
"""How far back answers count."""
WARNING, SEVERE = 0.05, 0.25
"""Shares of answers that are the app's errors (5xx)."""
FEW = 5
"""With fewer requests than this nothing is said about shares."""

WORDS = {"Green": "Ok", "Yellow": "Warning", "Red": "Severe", "Grey": "Pending"}
ORDER = ("Green", "Yellow", "Red")


def condition(
    environment: str,
    status: str,
    instances: Sequence[Instance],
    reached: Sequence[Instance],
    traffic: Traffic,
    lost: bool,
) -> Health:
    """``reached``: those that requests get to; ``lost``: the engine does not answer, so nothing is
    known.
    """
    answers = traffic.answers(SECONDS)
    if lost:
        colour, causes = "Grey", ["The engine does not answer."]
    elif status in ("Launching", "Terminating", "Terminated"):
        colour, causes = "Grey", []
    else:
        colour, causes = _worst(_of_instances(instances, reached), _of_answers(answers))
    words = Counter(WORDS[one.health] for one in instances)
    return Health(
        environment=environment,
        status=_word(colour, status, lost),
        colour=colour,
        causes=tuple(causes),
        requests=sum(traffic.rates().values()),
        answers={digit: number for digit, number in answers.items() if digit in (2, 3, 4, 5)},
        seconds=SECONDS,
        latency=traffic.latency(SECONDS),
        instances=dict(words),
    )


def _word(colour: str, status: str, lost: bool) -> str:
    if lost or status == "Terminated":
        return "NoData" if lost else "Unknown"
    return "Info" if status == "Updating" and colour == "Green" else WORDS[colour]


def _worst(*found: tuple[str, list[str]]) -> tuple[str, list[str]]:
    colour = max((one for one, _ in found), key=ORDER.index)
    return colour, [cause for _, causes in found for cause in causes]


def _of_instances(
    instances: Sequence[Instance], reached: Sequence[Instance]
) -> tuple[str, list[str]]:
    well = [one for one in reached if one.health == "Green"]
    causes = [
        f"{one.id}: {one.ended or one.cause}".partition("\n")[0]
        for one in instances
        if one.health in ("Red", "Yellow") and (one.ended or one.cause)
    ]
    if not well:
        return "Red", causes or ["No instance is in service."]
    return ("Yellow" if causes else "Green"), causes


def _of_answers(answers: dict[int, int]) -> tuple[str, list[str]]:
    total = sum(answers.values())
    share = answers.get(5, 0) / total if total else 0.0
    if total < FEW or share < WARNING:
        return "Green", []
    cause = f"{share:.0%} of the requests of the last {SECONDS:.0f} seconds failed with HTTP 5xx."
    return ("Red" if share >= SEVERE else "Yellow"), [cause]
