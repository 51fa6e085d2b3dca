"""From checks to an outcome: looks, waits, gives up in time, and picks the hint that fits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from dockerlab.grading.bank import Entry
from dockerlab.grading.bench import Bench, Deadline, read_text
from dockerlab.grading.exercise import Check, Spot
from dockerlab.grading.outcome import (
    Finding,
    Found,
    Outcome,
    Saying,
    State,
    Verdict,
    say,
    unknown,
)
from dockerlab.grading.texts import Texts

AGAIN = 0.2
"""Seconds between two looks of a check that has patience."""
SPOTTING = 15.0
"""Seconds that looking for one misconception may take: it is for a hint only."""
LONGEST = 300
"""Characters of an error that are told."""
_STATES: dict[Found, State] = {
    "met": "passed",
    "unmet": "not_yet",
    "absent": "not_attempted",
    "unknown": "unchecked",
}
_LOOK = "dockerlab-look"
Value = TypeVar("Value")


def judge(entry: Entry, bench: Bench, *, hidden: Sequence[Check] = ()) -> Outcome:
    """Look at the state that was reached in an exercise.

    ``hidden`` are checks besides, for the teacher only (``entry.hidden()``); their verdicts are
    marked as such. Never raises for what a check or an engine does, and always ends.
    """
    checks = (*entry.exercise.checks, *hidden)
    says = {check.name: check.claim.says for check in checks}
    passed: set[str] = set()
    verdicts = []
    for check in checks:
        missing = next((says[name] for name in check.needs if name not in passed), None)
        finding = None if missing else patient(check, bench)
        begun = _is_begun(check, entry, bench)
        if finding is not None and finding.state == "unmet" and not begun:
            finding = Finding("absent", finding.why)
        verdict = _verdict(check, finding, missing)
        if verdict.state == "passed":
            passed.add(check.name)
        elif finding is not None:
            spots = check.spots if begun else ()
            verdict = _hinted(verdict, spots, entry.texts, bench)
        verdicts.append(replace(verdict, hidden=check.hidden or check in hidden))
    return Outcome(entry.id, Saying("", pair=entry.texts.title), tuple(verdicts))


def patient(check: Check, bench: Bench) -> Finding:
    """What a check finds; what is not so yet is looked at again until its patience is over.

    Not where there is nothing yet to look at: what was not begun does not come about.
    """
    deadline = Deadline(check.patience)
    while True:
        finding = look(check, bench)
        over = finding or finding.state == "absent" or finding.why.key == "judging.slow"
        if over or deadline.over:
            return finding
        time.sleep(min(AGAIN, deadline.left))


def look(check: Check, bench: Bench) -> Finding:
    """One look; whatever keeps it from ending, or from finding anything, is told as unknown."""
    try:
        return in_time(lambda: check.claim.look(bench), check.seconds)
    except TimeoutError:
        return unknown("judging.slow", seconds=f"{check.seconds:g}")
    except Failed as error:
        return unknown("judging.broken", error=str(error))


def in_time(work: Callable[[], Value], seconds: float) -> Value:
    """What ``work`` returns or raises. Raises TimeoutError when it takes longer.

    It runs in a thread of its own then, which nothing can end; it does not keep Python from
    ending.
    """
    done: list[Value] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name=_LOOK)
    thread.start()
    thread.join(seconds)
    if failed:
        raise Failed(told(failed[0])) from failed[0]
    if not done:
        raise TimeoutError
    return done[0]


def goes_on() -> bool:
    """Whether a look that took too long still runs in this process, and takes its time."""
    return any(thread.name == _LOOK for thread in threading.enumerate())


class Failed(Exception):
    """A look raised something; the message is what it was."""


def told(error: BaseException) -> str:
    """An error in a line, not longer than ``LONGEST``."""
    words = str(getattr(error, "explanation", "") or error) or type(error).__name__
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _verdict(check: Check, finding: Finding | None, missing: Saying | None) -> Verdict:
    state: State = "waiting" if finding is None else _STATES[finding.state]
    why = say("judging.waits", other=missing) if finding is None else finding.why
    points = check.points if state == "passed" else 0.0
    return Verdict(check.name, check.claim.says, state, why, points, check.points)


def _is_begun(check: Check, entry: Entry, bench: Bench) -> bool:
    """Whether the file that is to be changed is another than what the learner began with."""
    if not check.edits:
        return True
    return bench.read(check.edits) != read_text(entry.starter, check.edits)


def _hinted(verdict: Verdict, spots: Sequence[Spot], texts: Texts, bench: Bench) -> Verdict:
    """With the hint of the first misconception that is seen, else with the check's own."""
    if verdict.state == "unchecked":
        return verdict
    for spot in spots:
        fields = _seen(spot, bench)
        if fields is not None:
            hint = Saying(f"spot.{spot.name}", fields, texts.spots.get(spot.name))
            return replace(verdict, hint=hint, spotted=spot.name)
    own = texts.checks.get(verdict.name)
    return replace(verdict, hint=Saying("", pair=own)) if own else verdict


def _seen(spot: Spot, bench: Bench) -> Mapping[str, object] | None:
    """A misconception that cannot be looked for is not seen: what failed is told anyway."""
    try:
        return in_time(lambda: spot.see(bench), SPOTTING)
    except (TimeoutError, Failed):
        return None
