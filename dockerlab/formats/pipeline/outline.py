"""A CI's file: jobs, each with the lines that its shell gets, in order.

Workflows of GitHub Actions and the files of Travis CI are brought into this one form. It is the
lenient reading: an exercise looks at half-written files, and at ones that use what our own CI has
not, where ``loading`` refuses a file at its first line that cannot be followed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerlab.formats.composefile.text.yamlreader import documents

TRAVIS = ".travis.yml"
STAGES = (
    "before_install",
    "install",
    "before_script",
    "script",
    "after_success",
    "before_deploy",
    "after_deploy",
)
"""Of a Travis job, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Job:
    """``lines`` of shell, ``uses`` ready-made steps; ``needs`` are jobs that come before it."""

    name: str
    lines: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    forgiving: bool = False
    """Goes on, or counts as good, although a step has failed."""

    def place(self, words: str) -> int | None:
        """The number of the first line with these words, from 0."""
        return next((place for place, line in enumerate(self.lines) if words in line), None)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a file says: ``events`` start it, ``branches`` where it is limited to some."""

    jobs: Mapping[str, Job] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()

    def job_of(self, words: str) -> Job | None:
        """The first job with a line that has these words."""
        return next((job for job in self.jobs.values() if job.place(words) is not None), None)

    def before(self, job: Job) -> set[str]:
        """The names of the jobs that have succeeded when this one begins."""
        known: set[str] = set()
        left = list(job.needs)
        while left:
            name = left.pop()
            if name not in known and name in self.jobs:
                known.add(name)
                left += self.jobs[name].needs
        return known


def pipeline(text: str, name: str) -> Pipeline:
    """What a CI's file says; ComposeFileError where it is no YAML. What is not understood is left
    out."""
    trees = [document.tree for document in documents(text, name)]
    tree = trees[0] if trees and isinstance(trees[0], dict) else {}
    return _travis(tree) if posixpath.basename(name) == TRAVIS else _workflow(tree)


def _workflow(tree: Mapping[Any, Any]) -> Pipeline:
    # "on" without quotes is a yes in YAML 1.1, and GitHub reads it as the word all the same.
    on = tree.get("on", tree.get(True))
    events = tuple(map(str, on)) if isinstance(on, dict | list) else tuple(_texts(on))
    push = on.get("push") if isinstance(on, dict) else None
    branches = tuple(_texts(push.get("branches"))) if isinstance(push, dict) else ()
    jobs = {str(name): _job(str(name), job) for name, job in _pairs(tree.get("jobs"))}
    return Pipeline(jobs, events, branches)


def _job(name: str, job: Any) -> Job:
    job = job if isinstance(job, dict) else {}
    given = job.get("steps")
    steps = [step for step in given if isinstance(step, dict)] if isinstance(given, list) else []
    lines = [line for step in steps for line in _lines(step.get("run"))]
    uses = [str(step["uses"]) for step in steps if step.get("uses")]
    forgiving = any(one.get("continue-on-error") is True for one in (job, *steps))
    return Job(name, tuple(lines), tuple(uses), tuple(_texts(job.get("needs"))), forgiving)


def _travis(tree: Mapping[Any, Any]) -> Pipeline:
    lines = [line for stage in STAGES for each in _listed(tree.get(stage)) for line in _lines(each)]
    deploys = [each for each in _listed(tree.get("deploy")) if isinstance(each, dict)]
    branches = tree.get("branches")
    only = tuple(_texts(branches.get("only"))) if isinstance(branches, dict) else ()
    jobs = {"build": Job("build", tuple(lines))} if lines else {}
    for each in deploys:
        # Travis deploys only what its script has left good.
        told = tuple(f"deploy {key}: {value}" for key, value in each.items())
        jobs["deploy"] = Job("deploy", told, needs=("build",))
    return Pipeline(jobs, ("push",), only)


def _lines(text: Any) -> Iterator[str]:
    """The commands of a script: a line that ends in a backslash goes on in the next."""
    if not isinstance(text, str):
        return
    for line in text.replace("\\\n", " ").splitlines():
        shown = " ".join(line.split())
        if shown and not shown.startswith("#"):
            yield shown


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> Iterator[str]:
    return (str(each) for each in _listed(value) if isinstance(each, str))


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    yield from value.items() if isinstance(value, dict) else ()
