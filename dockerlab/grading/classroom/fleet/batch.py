"""All cores of this machine: a few hands, each given the next submission when it has answered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from dockerlab.grading.classroom.fleet.hand import Hand
from dockerlab.grading.classroom.fleet.jobs import ATTEMPTS, Answer, Done, Setup, given_up
from dockerlab.grading.classroom.intake.submissions import Submission
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
    was given is given again."""

    setup: Setup
    workers: int
    _attempts: Counter[str] = field(default_factory=Counter)
    _shared: Sequence[int] = ()

    def grade(self, jobs: Iterator[Submission], done: Done) -> None:
        with ExitStack() as stack:
            self._shared = stack.enter_context(self.setup.shared())
            held: list[_Held] = []
            idle: list[Hand] = []
            again: list[Submission] = []
            stack.callback(lambda: _let_go(held, idle))
            while True:
                while len(held) < self.workers and (job := self._next(jobs, again)):
                    held.append(self._given(job, idle.pop() if idle else None))
                if not held:
                    return
                for one in _ready(held):
                    held.remove(one)
                    answer = one.hand.answer(max(0.0, one.until - time.monotonic()))
                    self._take(one, answer, idle, again, done)

    def _next(self, jobs: Iterator[Submission], again: list[Submission]) -> Submission | None:
        return again.pop() if again else next(jobs, None)

    def _given(self, submission: Submission, hand: Hand | None) -> _Held:
        hand = hand or Hand(self.setup, self._shared)
        hand.give(submission)
        self._attempts[submission.sender.key] += 1
        return _Held(hand, submission, time.monotonic() + self.setup.patience)

    def _take(
        self,
        one: _Held,
        answer: Answer,
        idle: list[Hand],
        again: list[Submission],
        done: Done,
    ) -> None:
        if answer.kind == "denied":
            one.hand.close()
            raise SandboxDenied(answer.why)
        if answer.kind == "graded" and answer.result:
            one.hand.close() if answer.spent else idle.append(one.hand)
            done(answer.result)
            return
        one.hand.close()
        if self._attempts[one.submission.sender.key] < ATTEMPTS:
            again.append(one.submission)
        else:
            done(given_up(self.setup, one.submission, answer.why))


def _ready(held: list[_Held]) -> list[_Held]:
    """Those that have answered, died, or taken too long; waits for the first."""
    soonest = min(one.until for one in held)
    wires = wait([one.hand.wire for one in held], max(0.0, soonest - time.monotonic()))
    now = time.monotonic()
    return [one for one in held if one.hand.wire in wires or now >= one.until]


def _let_go(held: list[_Held], idle: list[Hand]) -> None:
    """Idle hands end by themselves; those at work are not waited for when it ends early."""
    for one in held:
        one.hand.kill()
    for hand in [*idle, *(one.hand for one in held)]:
        hand.close()
