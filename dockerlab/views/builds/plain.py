"""A build's rows as plain data for the browser: every word is ready, nothing is to be computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.reasons import short
from dockerlab.views.builds.rows import Row
from dockerlab.views.builds.still import mark, stages
from dockerlab.views.words import Words

LOG = 60_000
"""Of a longer log the last characters are shown; the record has it all."""
TAIL = 6_000
"""The same while a step runs and its log is sent again and again."""

SILENT = {Status.CACHED: "build.unrun", Status.PENDING: "build.notyet"}
"""What stands for a log that is empty."""


def head(trace: BuildTrace, words: Words) -> dict[str, Any]:
    """The lines above the rows."""
    busy = any(step.status is Status.RUNNING for step in trace.steps)
    whole = reading.total(trace)
    return {
        "hits": reading.counted(trace, words) if trace.steps else "",
        "seconds": reading.took(whole, words) if whole else "",
        "summary": reading.summary(trace, words),
        "bad": bool(trace.failed or trace.error),
        "busy": busy,
        "total": whole,
    }


def rows(trace: BuildTrace, words: Words) -> list[dict[str, Any]]:
    begins = stages(trace)
    source = trace.dockerfile.splitlines()
    starts = sorted({step.line for step in trace.steps if step.line})
    listed = []
    for row in reading.rows(trace):
        one = plain_row(row, words)
        one["stage"] = _stage(begins, row.step, words)
        one["source"] = _source(row.step, source, starts)
        listed.append(one)
    return listed


def plain_row(row: Row, words: Words) -> dict[str, Any]:
    step = row.step
    ended = step.status in (Status.CACHED, Status.RAN, Status.FAILED)
    cut = "build.first" if row.first else "build.again"
    return {
        "n": step.number,
        "status": str(step.status),
        "role": row.role,
        "accent": row.accent,
        "mark": mark(row, words).text,
        "code": step.instruction,
        "why": [{"kind": piece.kind, "text": piece.text} for piece in reading.why(step, words)],
        "cut": words(cut) if row.role == "root" else "",
        "began": step.started,
        "seconds": step.seconds,
        "took": reading.took(step.seconds, words) if ended else "",
        "added": reading.added(step),
        "facts": _facts(step, words),
        "silent": words(SILENT.get(step.status, "build.silent")),
    }


def _facts(step: Step, words: Words) -> list[list[str]]:
    """Name and value of what is known of a step."""
    line = words("build.line", n=step.line) if step.line else words("build.unwritten")
    facts = [["Dockerfile", line]]
    for key, value in (
        ("container", short(step.container)),
        ("layer", short(step.layer)),
        ("image", short(step.image)),
        ("added", reading.added(step)),
        ("code", "" if step.exit_code is None else str(step.exit_code)),
    ):
        if value:
            facts.append([words(f"build.{key}"), value])
    return facts


def _stage(begins: dict[int, str], step: Step, words: Words) -> str:
    name = begins.get(step.number)
    return "" if name is None else words("build.stage", name=name)


def _source(step: Step, source: list[str], starts: list[int]) -> list[list[Any]]:
    """The lines of the Dockerfile that a step was made of: number and text."""
    if not 0 < step.line <= len(source):
        return []
    end = next((line for line in starts if line > step.line), len(source) + 1)
    while end > step.line + 1 and source[end - 2].lstrip()[:1] in ("", "#"):
        end -= 1
    return [[number, source[number - 1]] for number in range(step.line, end)]


def logs(steps: Iterable[Step], most: int = LOG) -> dict[str, str]:
    """Number of a step → the end of what it printed."""
    return {str(step.number): step.log[-most:] for step in steps if step.log}
