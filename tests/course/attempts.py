"""Answers from the bank, right ones and wrong ones, tried out for real and judged.

``tryout.py`` does it for who writes an exercise, ``test_exercises.py`` for all of them.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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

SOLUTION, UNTOUCHED = "solution", "untouched"


@dataclass(frozen=True)
class Attempt:
    """One answer: the solution, none at all, or a wrong one and the hint that it must get."""

    exercise: str
    name: str
    cells: Sequence[str] = ()
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
        """What is not as it must be; empty when all is."""
        if not self.ran.ended:
            return "the process was stopped, or died"
        what = self._mistaken()
        return f"{what}\n{self.told}" if what else ""

    def _mistaken(self) -> str:
        state, points = self.outcome.state, self.outcome.points
        if self.attempt.name == SOLUTION:
            raised = f"cell {self.ran.raised[0]} raised" if self.ran.raised else ""
            return raised or ("" if state == "passed" else f"it is {state}")
        if self.attempt.name == UNTOUCHED:
            nothing = state == "not_attempted" and not points and not self.outcome.spotted
            return "" if nothing else f"{points:g} points for nothing, or it is {state}"
        if state == "passed":
            return "it passed"
        # Of several hints a learner reads the first one: it has to be the one that is meant.
        meant = self.hints[:1] == (self.attempt.hint,)
        return "" if meant else f"the first hint is to be {self.attempt.hint}"

    @property
    def told(self) -> str:
        """Every verdict in a line, and its hint's name."""
        return "\n".join(
            f"    {v.state}: {v.name}: {v.says.text('en')} {v.why.text('en')}"
            + (f" → {v.spotted or v.name}" if v.hint else "")
            for v in self.outcome.verdicts
        )


def attempts(bank: Bank, id: str) -> Iterator[Attempt]:
    """The solution of an exercise, nothing at all, then its wrong answers."""
    yield Attempt(id, SOLUTION, bank.solution(id))
    yield Attempt(id, UNTOUCHED)
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
        cells = [SETUP, f"start({entry.id!r})", *attempt.cells]
        with self.cleaned(_words(entry, home), "\n".join(attempt.cells)):
            started = time.monotonic()
            ran = run_cells(cells, home, self.environment(home) | {"DOCKERLAB_LANG": "en"})
            outcome = judge(entry, Bench(self.lab, home / entry.id, fetcher(self.lab)))
            seconds = time.monotonic() - started
        shutil.rmtree(home, ignore_errors=True)
        return Tried(attempt, ran, outcome, seconds)

    @contextmanager
    def cleaned(self, words: tuple[str, ...] = (), text: str = "") -> Iterator[None]:
        """Remove what came into the engine meanwhile; see ``Leftovers`` for words and text."""
        leftovers = Leftovers(self.api, words, text, exclusive=self.exclusive)
        leftovers.look()
        try:
            yield
        finally:
            leftovers.remove()

    def environment(self, home: Path) -> dict[str, str]:
        """Of a notebook's kernel in the folder ``home``."""
        inherited = {key: value for key, value in os.environ.items() if key != "DOCKERLAB_LANG"}
        return {
            **inherited,
            "DOCKER_HOST": self.engine.url,
            "DOCKERLAB_EXERCISES": str(self.bank.folder),
            "DOCKERLAB_PROGRESS": str(home / "progress.json"),
            "DOCKERLAB_QUIET": "1",
        }


def _words(entry: Entry, home: Path) -> tuple[str, ...]:
    """What an attempt's containers, volumes and so on speak of: names, the folder, host ports."""
    chapter = entry.chapter
    return f"ex{chapter}-", f"ex{chapter}/", str(home), f'"HostPort": "5{chapter}'
