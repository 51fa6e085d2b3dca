"""Answers from the bank, right ones and wrong ones, tried out for real and judged.

``tryout.py`` does it for who writes an exercise, ``test_exercises.py`` for all of them.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import docker
from engines import Engine
from leftovers import Leftovers
from shells import Ran, run_cells

import dockerlab
from dockerlab.grading.assembling import SETUP
from dockerlab.grading.bank import Bank, Entry
from dockerlab.grading.bench import Bench
from dockerlab.grading.judge import judge
from dockerlab.grading.learner.desk import fetcher
from dockerlab.grading.outcome import Outcome


@dataclass(frozen=True)
class Attempt:
    """One answer: the solution, or a wrong one and the hint that it must get."""

    exercise: str
    name: str
    cells: Sequence[str]
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.exercise}/{self.name}"


@dataclass(frozen=True)
class Tried:
    """What came of an attempt. ``hints`` are the names of those given, in their order."""

    attempt: Attempt
    ran: Ran
    outcome: Outcome
    seconds: float

    @property
    def hints(self) -> tuple[str, ...]:
        given = (v.spotted or v.name for v in self.outcome.verdicts if v.hint)
        return tuple(dict.fromkeys(given))

    @property
    def wrong(self) -> str:
        """What is not as it must be; empty when all is.

        Of several hints a learner reads the first one, so it has to be the one that is meant.
        """
        if not self.ran.ended:
            return "the process was stopped, or died"
        if not self.attempt.hint:
            raised = f"cell {self.ran.raised[0]} raised" if self.ran.raised else ""
            return raised or ("" if self.outcome.state == "passed" else self.told)
        if self.outcome.state == "passed":
            return "it passed"
        if self.hints[:1] != (self.attempt.hint,):
            return f"the first hint is to be {self.attempt.hint}\n{self.told}"
        return ""

    @property
    def told(self) -> str:
        """Every verdict in a line, and its hint's name."""
        return "\n".join(
            f"    {v.state}: {v.name}: {v.says.text('en')} {v.why.text('en')}"
            + (f" → {v.spotted or v.name}" if v.hint else "")
            for v in self.outcome.verdicts
        )


def attempts(bank: Bank, id: str) -> Iterator[Attempt]:
    """The solution of an exercise, then its wrong answers."""
    yield Attempt(id, "solution", bank.solution(id))
    for wrong in bank.wrong(id):
        yield Attempt(id, wrong.name, wrong.cells, wrong.hint)


class Classroom:
    """An engine on which answers are tried out, one after the other.

    ``exclusive``: nobody else uses it, so all that is new after an attempt is removed.
    """

    def __init__(self, engine: Engine, bank: Bank, *, exclusive: bool) -> None:
        self.engine = engine
        self.bank = bank
        self.exclusive = exclusive
        self.lab = dockerlab.connect(engine.url, quiet=True)
        self.api = docker.APIClient(base_url=engine.url, version="1.41", timeout=120)

    def attempt(self, attempt: Attempt) -> Tried:
        """Try an answer in an empty folder, judge what it reached, remove it all."""
        entry = self.bank.get(attempt.exercise)
        home = self.engine.shared_folder()
        leftovers = Leftovers(
            self.api, _words(entry, home), "\n".join(attempt.cells), exclusive=self.exclusive
        )
        leftovers.look()
        started = time.monotonic()
        try:
            ran = run_cells(self._cells(attempt), home, self._environment(home))
            bench = Bench(self.lab, home / entry.id, fetcher(self.lab))
            outcome = judge(entry, bench)
            return Tried(attempt, ran, outcome, time.monotonic() - started)
        finally:
            leftovers.remove()
            shutil.rmtree(home, ignore_errors=True)

    def _cells(self, attempt: Attempt) -> list[str]:
        return [SETUP, f"start({attempt.exercise!r})", *attempt.cells]

    def _environment(self, home: Path) -> dict[str, str]:
        return {
            **os.environ,
            "DOCKER_HOST": self.engine.url,
            "DOCKERLAB_EXERCISES": str(self.bank.folder),
            "DOCKERLAB_LANG": "en",
            "DOCKERLAB_PROGRESS": str(home / "progress.json"),
        }


def _words(entry: Entry, home: Path) -> tuple[str, ...]:
    """What an attempt's containers, volumes and so on speak of: names, the folder, host ports."""
    chapter = entry.chapter
    return f"ex{chapter}-", f"ex{chapter}/", str(home), f'"HostPort": "5{chapter}'
