"""A run as JSON, and back: the file in which a run's process tells how far it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.run import Finding, JobRun, Run, Status, StepRun


def dumps(run: Run) -> str:
    return json.dumps(asdict(run), ensure_ascii=False)


def loads(text: str) -> Run:
    """The run in a text made by ``dumps``; FormatError if it is none."""
    try:
        return _run(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError(f"this is no record of a run ({error})") from error


def _run(tree: Mapping[str, Any]) -> Run:
    told = dict(tree)
    told["status"] = Status(told["status"])
    told["jobs"] = tuple(_job(job) for job in told["jobs"])
    told["findings"] = tuple(Finding(**finding) for finding in told["findings"])
    return Run(**told)


def _job(tree: Mapping[str, Any]) -> JobRun:
    steps = tuple(
        StepRun(**{**step, "status": Status(step["status"]), "log": tuple(step["log"])})
        for step in tree["steps"]
    )
    return JobRun(
        **{
            **tree,
            "needs": tuple(tree["needs"]),
            "status": Status(tree["status"]),
            "steps": steps,
        }
    )
