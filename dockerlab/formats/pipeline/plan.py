"""What a CI's file asks for, read to the end: jobs, their steps, and what a failure means.

Texts with ``${{ … }}`` (Actions) or ``$NAME`` (Travis) are kept as written: what they stand for is
known only when the job runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Scalar = str | int | float | bool
Pairs = tuple[tuple[str, str], ...]


class Flavour(StrEnum):
    TRAVIS = "travis"
    ACTIONS = "actions"


class Failure(StrEnum):
    """What a step that fails does to its job."""

    STOPS = "stops"
    """The job has errored, and nothing of it runs any more."""
    COUNTS = "counts"
    """The job has failed; what comes next runs all the same."""
    IGNORED = "ignored"


class When(StrEnum):
    """How the job must stand for a step to run."""

    ALWAYS = "always"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Rule:
    failure: Failure
    when: When = When.ALWAYS


PHASES: Mapping[str, Rule] = MappingProxyType(
    {
        "before_install": Rule(Failure.STOPS),
        "install": Rule(Failure.STOPS),
        "before_script": Rule(Failure.STOPS),
        "script": Rule(Failure.COUNTS),
        "after_success": Rule(Failure.IGNORED, When.GOOD),
        "after_failure": Rule(Failure.IGNORED, When.BAD),
        "before_deploy": Rule(Failure.STOPS, When.GOOD),
        "deploy": Rule(Failure.STOPS, When.GOOD),
        "after_deploy": Rule(Failure.IGNORED, When.GOOD),
        "after_script": Rule(Failure.IGNORED),
    }
)
"""Of a Travis job, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Branches:
    """Which branches are meant: of the patterns that fit one, the last decides.

    ``rules`` are (wanted, regular expression). Where none fits, a branch is meant unless some
    rule asked for others.
    """

    rules: tuple[tuple[bool, str], ...] = ()

    def has(self, branch: str) -> bool:
        decided = not any(wanted for wanted, _ in self.rules)
        for wanted, pattern in self.rules:
            if re.search(pattern, branch):
                decided = wanted
        return decided


@dataclass(frozen=True, slots=True)
class Trigger:
    """``event`` is push, pull_request or workflow_dispatch."""

    event: str
    branches: Branches = Branches()


@dataclass(frozen=True, slots=True)
class Script:
    """Lines for a shell: ``sh`` or ``bash``, or the usual one (empty)."""

    text: str
    shell: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The commit's files; ``depth`` commits of history (0: all), below ``path``."""

    depth: int = 1
    path: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Beanstalk:
    """A deployment to AWS Elastic Beanstalk. All texts are as written in the file.

    ``package`` is a zip that the job made; without one the tracked files are zipped, or, where
    ``existing`` says so, a version that is there is deployed. ``label`` and ``bucket`` may be
    empty: then one is made, and the region's own is taken.
    """

    region: str
    application: str
    environment: str
    access_key: str
    secret_key: str
    session_token: str = ""
    bucket: str = ""
    path: str = ""
    label: str = ""
    description: str = ""
    package: str = ""
    existing: bool = False
    as_left: bool = False
    """Tracked files as the job left them, not as they were committed."""
    wait: bool = True
    only_version: bool = False


Work = Script | Checkout | Beanstalk


@dataclass(frozen=True, slots=True)
class Step:
    """``condition``, ``forgiving`` and ``environment`` are Actions'; ``branches`` and ``test`` (a
    condition of bash) limit a deployment of Travis. ``seconds`` is its own time limit."""

    name: str
    work: Work
    phase: str = ""
    id: str = ""
    condition: str = ""
    forgiving: str = ""
    environment: Pairs = ()
    folder: str = ""
    seconds: float | None = None
    branches: Branches | None = None
    test: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One job, of a matrix one of its combinations.

    ``id`` is its key in the file, ``name`` what it is called; ``needs`` are ids. ``image``: its
    steps run in a container of it. ``exports`` are lines ``A=1 B=2`` for Travis's shell, ``secure``
    how many of those are encrypted and cannot be read here. ``docker`` says whether the engine may
    be used. ``settled``: its files are there before the first step.
    """

    id: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    condition: str = ""
    image: str = ""
    environment: Pairs = ()
    exports: tuple[str, ...] = ()
    secure: int = 0
    matrix: tuple[tuple[str, Scalar], ...] = ()
    fail_fast: bool = True
    forgiving: str = ""
    outputs: Pairs = ()
    seconds: float | None = None
    docker: bool = True
    settled: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """``environment`` is for all jobs; jobs come in the order in which they may run."""

    file: str
    flavour: Flavour
    name: str
    triggers: tuple[Trigger, ...]
    jobs: tuple[Job, ...]
    environment: Pairs = ()

    def refusal(self, event: str, branch: str) -> str:
        """Why this does not start it; empty when it does."""
        named = [trigger for trigger in self.triggers if trigger.event == event]
        if not named:
            events = ", ".join(trigger.event for trigger in self.triggers)
            return f"{self.file} starts on {events}, not on {event}"
        if any(trigger.branches.has(branch) for trigger in named):
            return ""
        return f"{self.file} does not start for the branch {branch}"
