"""A Dask cluster: its workers hold the hands.

A hand stays a process of its own under the worker: what kills a grader takes no worker along,
and with it no task of others. Of a worker that dies, Dask gives the tasks to another one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.fleet.hand import Hand
from dockerlab.grading.classroom.fleet.jobs import ATTEMPTS, Answer, Done, Setup, given_up
from dockerlab.grading.classroom.intake.submissions import Submission
from dockerlab.grading.classroom.seam import SandboxDenied

AHEAD = 4
"""Submissions that are sent for each thread of the cluster before the first of them is back."""
_LOCAL = re.compile(r"local:(\d+)")
_idle: dict[str, list[Hand]] = {}
_lock = threading.Lock()


def grade_there(setup: Setup, submission: Submission) -> Answer:
    """Runs in a worker of the cluster; one hand a thread, kept for the next submission."""
    key = repr(setup)
    with _lock:
        hands = _idle.setdefault(key, [])
        hand = hands.pop() if hands else None
    answer = Answer("again")
    for _ in range(ATTEMPTS):
        hand = hand or Hand(setup)
        hand.give(submission)
        answer = hand.answer(setup.patience)
        if answer.kind == "again" or answer.spent:
            hand.close()
            hand = None
        if answer.kind != "again":
            break
    if hand:
        with _lock:
            _idle[key].append(hand)
    return answer


@dataclass
class Cluster:
    """A fleet on the workers of a Dask cluster; ``client`` is connected to it."""

    setup: Setup
    client: Any

    def grade(self, jobs: Iterator[Submission], done: Done) -> None:
        sent: dict[str, Submission] = {}
        coming = _distributed().as_completed([])
        for submission in jobs:
            self._send(submission, sent, coming)
            if len(sent) >= AHEAD * max(1, self._threads()):
                self._take(next(coming), sent, done)
        for future in coming:
            self._take(future, sent, done)

    def _threads(self) -> int:
        return sum(self.client.nthreads().values())

    def _send(self, submission: Submission, sent: dict[str, Submission], coming: Any) -> None:
        # Not pure: equal submissions of two students are two tasks.
        future = self.client.submit(
            grade_there, self.setup, submission, pure=False, retries=ATTEMPTS
        )
        sent[future.key] = submission
        coming.add(future)

    def _take(self, future: Any, sent: dict[str, Submission], done: Done) -> None:
        submission = sent.pop(future.key)
        try:
            answer: Answer = future.result()
        except Exception as error:
            answer = Answer("again", why=f"{type(error).__name__}: {error}")
        if answer.kind == "denied":
            raise SandboxDenied(answer.why)
        done(
            answer.result
            if answer.kind == "graded" and answer.result
            else given_up(self.setup, submission, answer.why)
        )


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of ``tcp://HOST:PORT``, or of a new cluster here: ``local:N`` has N workers."""
    dask = _distributed()
    if found := _LOCAL.fullmatch(address):
        settings = {"n_workers": int(found[1]), "threads_per_worker": 1, "dashboard_address": None}
        with dask.LocalCluster(**settings) as cluster, dask.Client(cluster) as client:
            yield client
        return
    if "://" not in address:
        raise DockerlabError(f"{address} is no cluster", "local:N, or tcp://HOST:PORT")
    try:
        client = dask.Client(address, timeout=20)
    except (OSError, ValueError, TimeoutError) as error:
        raise DockerlabError(
            f"no scheduler answers at {address}: {error}", "dask scheduler starts one"
        ) from error
    with client:
        yield client


def _distributed() -> Any:
    """Imported late: it takes a second, and most classes are graded without."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise DockerlabError(
            "a cluster needs the package distributed", "pip install 'dockerlab[teach]'"
        ) from error
