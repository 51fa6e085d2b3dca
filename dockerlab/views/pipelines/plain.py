"""A run as plain data for the browser: rows as the build's list takes them, every word ready."""

from __future__ import annotations

import time
from typing import Any

from dockerlab.formats.pipeline.run import Run, Status, StepRun
from dockerlab.views.builds.plain import LOG, TAIL
from dockerlab.views.builds.rows import took
from dockerlab.views.drawing import Drawing
from dockerlab.views.pipelines import reading
from dockerlab.views.pipelines.reading import ACCENTS, marked
from dockerlab.views.pipelines.stages import ordered, stages
from dockerlab.views.pipelines.still import heading, span
from dockerlab.views.pipelines.strip import Strip
from dockerlab.views.words import Words

_KINDS = {
    Status.WAITING: "pending",
    Status.RUNNING: "running",
    Status.PASSED: "ran",
    Status.FAILED: "failed",
    Status.ERRORED: "failed",
    Status.SKIPPED: "pending",
    Status.CANCELLED: "ran",
}
"""Status → what a row of the list looks and behaves like: what failed opens by itself."""


def head(run: Run | None, words: Words, summary: str, broken: str = "") -> dict[str, Any]:
    """The lines above the rows."""
    told = [summary]
    told += [words("pipe.broken", error=broken)] if broken else []
    return {
        "number": run.number if run else 0,
        "mark": marked(run.status, words) if run else "",
        "accent": ACCENTS.get(run.status, "none") if run else "none",
        "seconds": took(run.seconds, words) if run and run.seconds else "",
        "source": reading.source(run, words) if run else "",
        "summary": "\n".join(told),
        "warnings": warnings(run, words),
        "bad": bool(run and (run.status.bad or run.error)),
        "busy": bool(run and not run.status.over),
        "total": span(run)[1] if run else 0.0,
    }


def warnings(run: Run | None, words: Words) -> list[str]:
    """Secrets that stand where everybody may read them."""
    return [
        words("pipe.secret", secret=one.secret, file=one.file, line=one.line)
        for one in (run.findings if run else ())
    ]


def strip(run: Run | None, words: Words) -> str:
    """The graph of the stages, for the page; empty where there is none to draw."""
    drawn = Strip(stages(run) if run else [], words)
    if not drawn.height:
        return ""
    drawing = Drawing(960, drawn.height + 4, words("pipe.stages"), reading.summary(run, words))
    drawn.draw(drawing, 0)
    return drawing.svg(live=True)


def rows(run: Run | None, words: Words) -> list[dict[str, Any]]:
    if run is None:
        return []
    start = span(run)[0]
    listed: list[dict[str, Any]] = []
    for job in ordered(run):
        title = heading(job, words) if len(run.jobs) > 1 or job.note else ""
        for step in job.steps:
            listed.append(row(step, len(listed) + 1, start, words) | {"stage": title})
            title = ""
        if title:
            # A job without a step yet has a row for itself.
            alone = StepRun(job.name, status=job.status, note=job.note)
            listed.append(row(alone, len(listed) + 1, start, words) | {"stage": title})
    return listed


def row(step: StepRun, number: int, start: float, words: Words) -> dict[str, Any]:
    accent = ACCENTS.get(step.status, "")
    quiet = step.status in (Status.WAITING, Status.SKIPPED)
    return {
        "n": number,
        "status": _KINDS[step.status],
        "role": "hit" if quiet else "plain",
        "accent": accent,
        "mark": marked(step.status, words),
        "code": reading.first_line(step),
        "why": [{"kind": "", "text": step.note}] if step.note else [],
        "cut": "",
        "began": 0.0 if step.began is None or quiet else step.began - start,
        "seconds": _seconds(step),
        "took": "" if step.seconds is None or quiet else took(step.seconds, words),
        "added": words("pipe.exit.short", code=step.exit_code) if step.exit_code else "",
        "facts": _facts(step, words),
        "source": _script(step),
        "silent": words(_SILENT.get(step.status, "pipe.silent")),
    }


_SILENT = {Status.SKIPPED: "pipe.unrun", Status.WAITING: "pipe.notyet"}


def _seconds(step: StepRun) -> float:
    if step.status is Status.RUNNING and step.began is not None:
        return max(time.time() - step.began, 0.0)
    return step.seconds or 0.0


def _facts(step: StepRun, words: Words) -> list[list[str]]:
    clock = time.strftime("%H:%M:%S", time.localtime(step.began)) if step.began else ""
    facts = {
        "phase": step.phase,
        "began": clock,
        "took": "" if step.seconds is None else took(step.seconds, words),
    }
    listed = [[words(f"pipe.{key}"), value] for key, value in facts.items() if value]
    code = "" if step.exit_code is None else str(step.exit_code)
    return listed + ([[words("build.code"), code]] if code else [])


def _script(step: StepRun) -> list[list[Any]]:
    """The lines of a step that has several; one alone is its title."""
    lines = step.name.strip().splitlines()
    return [[number, line] for number, line in enumerate(lines, 1)] if len(lines) > 1 else []


def logs(run: Run | None, running: bool) -> dict[str, str]:
    """Number of a row → the end of its log: of steps that run, or of the others."""
    steps = [step for job in (ordered(run) if run else ()) for step in job.steps or (None,)]
    return {
        str(number): "\n".join(reading.log(step))[-(TAIL if running else LOG) :]
        for number, step in enumerate(steps, 1)
        if step is not None and step.log and (step.status is Status.RUNNING) == running
    }
