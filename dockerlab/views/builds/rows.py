"""A build trace read for the eye: which miss began it, which only followed, one summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dockerlab.formats.buildtrace import BuildTrace, Cause, Status, Step
from dockerlab.formats.text import size as human_size
from dockerlab.views.builds.reasons import Pieces, marked, sentence, short
from dockerlab.views.words import Words

Role = Literal["hit", "root", "consequence", "plain"]
"""``root``: a miss with a cause of its own. ``consequence``: a miss since another one was.
``plain``: all else, such as the steps of a very first build."""


@dataclass(frozen=True, slots=True)
class Row:
    """A step with the part that it plays; ``start`` and ``span`` are parts of the build's time."""

    step: Step
    role: Role
    first: bool
    """The first root: what a learner must see."""
    start: float
    span: float

    @property
    def accent(self) -> str:
        """The colour that goes with the mark's word."""
        if self.step.status is Status.FAILED:
            return "red"
        if self.role in ("root", "consequence"):
            return "orange"
        return {"cached": "green", "ran": "blue", "running": "blue"}.get(self.step.status, "")

    @property
    def sign(self) -> str:
        return SIGNS[self.step.status]


SIGNS = {
    Status.CACHED: "✓",
    Status.RAN: "●",
    Status.FAILED: "✗",
    Status.RUNNING: "▶",
    Status.PENDING: "○",
}


def rows(trace: BuildTrace) -> tuple[Row, ...]:
    """The steps in order, each with its role."""
    roles = _roles(trace)
    whole = total(trace) or 1.0
    first = next((number for number, role in roles.items() if role == "root"), 0)
    return tuple(
        Row(
            step=step,
            role=roles[step.number],
            first=step.number == first,
            start=min(step.started / whole, 1.0),
            span=min(step.seconds / whole, 1.0),
        )
        for step in trace.steps
    )


def total(trace: BuildTrace) -> float:
    """Seconds of the whole build, as far as it is."""
    ends = [step.started + step.seconds for step in trace.steps]
    return max([trace.seconds, *ends])


def _roles(trace: BuildTrace) -> dict[int, Role]:
    known = any(
        step.status is Status.CACHED and step.keyword not in ("FROM", "ARG") for step in trace.steps
    )
    stages = {step.stage for step in trace.steps}
    roles: dict[int, Role] = {}
    for step in trace.steps:
        roles[step.number] = _role(step, roles, stages, known)
    return roles


def _role(step: Step, roles: dict[int, Role], stages: set[str], known: bool) -> Role:
    if step.status is Status.CACHED:
        return "hit"
    reason = step.reason
    if reason is None or reason.cause is Cause.NO_CACHE:
        return "plain"
    if reason.cause is Cause.PARENT:
        return "plain" if roles.get(reason.step) == "plain" else "consequence"
    if reason.cause is Cause.STAGE and reason.name in stages:
        return "consequence"
    # In a first build everything is new: nothing there to stand out.
    return "root" if known or reason.cause is not Cause.FIRST else "plain"


def why(step: Step, words: Words) -> Pieces:
    """The reason of a miss; nothing where there is none to tell."""
    return marked(step.reason, words) if step.reason else ()


def took(seconds: float, words: Words) -> str:
    """A stretch of time as a person says it: ``0.42 s``, ``12.4 s``, ``1 min 5 s``.

    >>> took(0.419, Words("en")), took(12.37, Words("en")), took(65, Words("en"))
    ('0.42 s', '12.4 s', '1 min 5 s')
    """
    if seconds >= 60:
        return words("build.minutes", m=int(seconds) // 60, s=int(seconds) % 60)
    return words("build.seconds", n=f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.2f}")


def added(step: Step) -> str:
    """``+1.2kB``; empty for a step that made no layer."""
    return f"+{human_size(step.added)}" if step.added or step.layer else ""


def name(trace: BuildTrace) -> str:
    """What the built image is called."""
    return ", ".join(trace.tags) or short(trace.image)


def headline(trace: BuildTrace, words: Words) -> str:
    called = name(trace)
    return words("build.title", name=called) if called else words("build.title.bare")


def counted(trace: BuildTrace, words: Words) -> str:
    return words("build.hits", hits=trace.hits, all=len(trace.steps))


def summary(trace: BuildTrace, words: Words) -> str:
    """What the learner should take from it, in one to three sentences."""
    if trace.failed or trace.error:
        return _failure(trace, words)
    if not trace.steps:
        return words("sum.nothing")
    running = [step for step in trace.steps if step.status is Status.RUNNING]
    if running:
        now = words("sum.running", n=running[0].number, all=len(trace.steps))
        return " ".join([now, *_broken(trace, words)])
    if all(step.status is Status.PENDING for step in trace.steps):
        return words("sum.waiting")
    return _outcome(trace, words)


def _failure(trace: BuildTrace, words: Words) -> str:
    step = trace.failed
    if step is None:
        return words("sum.error", error=trace.error)
    line = trace.error_line or step.line
    told = words("sum.failed.line", n=step.number, line=line) if line else ""
    return f"{told or words('sum.failed', n=step.number)} {trace.error}".strip()


def _outcome(trace: BuildTrace, words: Words) -> str:
    broken = _broken(trace, words)
    if broken:
        return " ".join(broken)
    if any(step.reason and step.reason.cause is Cause.NO_CACHE for step in trace.steps):
        return words("sum.no-cache")
    if all(step.status is Status.CACHED or step.keyword == "FROM" for step in trace.steps):
        return words("sum.all")
    if any(step.reason and step.reason.cause is Cause.FIRST for step in trace.steps):
        return words("sum.first")
    return counted(trace, words) + "."


def _broken(trace: BuildTrace, words: Words) -> list[str]:
    """How far the cache held, what broke it, what followed; empty if nothing broke it."""
    listed = rows(trace)
    first = next((row for row in listed if row.first), None)
    if first is None or first.step.reason is None:
        return []
    number = first.step.number
    told = [words("sum.break", n=number, why=sentence(first.step.reason, words))]
    above = [row for row in listed if row.step.number < number]
    if above and all(row.role == "hit" for row in above):
        told.insert(0, words("sum.upto", n=number - 1))
    after = sum(row.role == "consequence" for row in listed)
    if after:
        told.append(words("sum.after", n=after) if after > 1 else words("sum.after.one"))
    return told
