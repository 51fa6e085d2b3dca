"""All cores of this machine: a few hands, each given the next submission when it has answered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from dockerlab.grading.classroom.fleet.hand import Hand
from dockerlab.grading.classroom.fleet.jobs import ATTEMPTS, Done, Setup, given_up
from dockerlab.grading.classroom.intake.submissions import Submission
from dockerlab.grading.classroom.results import Result
from dockerlab.grading.classroom.seam import SandboxDenied


@dataclass
class _Held:
    """A hand and what it was given."""

    hand: Hand
    submission: Submission
    until: float


@dataclass
class Batch:
    """A fleet of ``workers`` hands on this machine. A hand that dies is replaced, and what it
    was given is given again.

    ``shared``: see ``Setup.shared``; without, it sees to that itself.
    """

    setup: Setup
    workers: int
    shared: Sequence[int] = ()
    _attempts: Counter[str] = field(default_factory=Counter)
    _held: list[_Held] = field(default_factory=list)
    _idle: list[Hand] = field(default_factory=list)
    _waiting: list[Submission] = field(default_factory=list)
    """To be given before what else there is: once more, or as it has been read already."""
    _results: list[Result] = field(default_factory=list)
    """To be told."""

    def grade(self, jobs: Iterator[Submission], done: Done) -> None:
        with ExitStack() as stack:
            self.shared = self.shared or stack.enter_context(self.setup.shared())
            stack.callback(self._let_go)
            stack.callback(self._tell, done)
            while self._give(jobs):
                # Only now that the hands have work: they need not wait for the disk.
                self._tell(done)
                self._look_ahead(jobs)
                for one in _ready(self._held):
                    self._take(one)

    def _give(self, jobs: Iterator[Submission]) -> bool:
        """Work for each hand that has none; whether any has now."""
        while len(self._held) < self.workers and (job := self._next(jobs)):
            self._held.append(self._given(job, self._idle.pop() if self._idle else None))
        return bool(self._held)

    def _next(self, jobs: Iterator[Submission]) -> Submission | None:
        return self._waiting.pop() if self._waiting else next(jobs, None)

    def _look_ahead(self, jobs: Iterator[Submission]) -> None:
        if job := self._next(jobs):
            self._waiting.append(job)

    def _given(self, submission: Submission, hand: Hand | None) -> _Held:
        hand = hand or Hand(self.setup, self.shared)
        hand.give(submission)
        self._attempts[submission.sender.key] += 1
        return _Held(hand, submission, time.monotonic() + self.setup.patience)

    def _tell(self, done: Done) -> None:
        while self._results:
            done(self._results.pop(0))

    def _take(self, one: _Held) -> None:
        self._held.remove(one)
        answer = one.hand.answer(max(0.0, one.until - time.monotonic()))
        if answer.kind == "denied":
            one.hand.close()
            raise SandboxDenied(answer.why)
        if answer.kind == "graded" and answer.result:
            one.hand.close() if answer.spent else self._idle.append(one.hand)
            self._results.append(answer.result)
            return
        one.hand.close()
        if self._attempts[one.submission.sender.key] < ATTEMPTS:
            self._waiting.append(one.submission)
        else:
            self._results.append(given_up(self.setup, one.submission, answer.why))

    def _let_go(self) -> None:
        """Idle hands end by themselves; those at work are not waited for when it ends early."""
        hands = [*self._idle, *(one.hand for one in self._held)]
        for one in self._held:
            one.hand.kill()
        for hand in hands:
            hand.let_go()
        for hand in hands:
            hand.close()


def _ready(held: list[_Held]) -> list[_Held]:
    """Those that have answered, died, or taken too long; waits for the first."""
    soonest = min(one.until for one in held)
    wires = wait([one.hand.wire for one in held], max(0.0, soonest - time.monotonic()))
    now = time.monotonic()
    return [one for one in held if one.hand.wire in wires or now >= one.until]
