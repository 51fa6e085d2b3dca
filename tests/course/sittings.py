"""All answers of the bank tried out on one engine, and on several engines beside each other.

Most of an attempt is waiting, so that two engines take hardly longer than one. What a chapter
publishes has fixed ports on this machine: no two engines work on one chapter at a time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TypeVar

from attempts import Classroom, Tried, attempts
from engines import Engine
from releases import EXERCISES

from dockerlab.grading.assembling import name
from dockerlab.grading.bank import Bank

HERE = Path(__file__).resolve().parent
Value = TypeVar("Value")
_chapters: defaultdict[int, Lock] = defaultdict(Lock)


class Sitting:
    """One engine at work on exercises and notebooks, one after the other; ask it for results."""

    def __init__(self, engine: Engine, bank: Bank) -> None:
        self.engine = engine
        self.bank = bank
        self.classroom = Classroom(engine, bank, exclusive=True)
        self.pool = ThreadPoolExecutor(1)
        self.answers: dict[str, Future[list[Tried]]] = {}
        self.notebooks: dict[str, Future[str]] = {}

    def begin(self, ids: Sequence[str], notebooks: Sequence[tuple[int, str]]) -> None:
        """``notebooks`` are chapters and editions: first, while no build has been cached."""
        for chapter, lang in notebooks:
            book = name(chapter, lang)
            self.notebooks[book] = self._alone(chapter, lambda book=book: self._compare(book))
        for id in ids:
            chapter = self.bank.get(id).chapter
            self.answers[id] = self._alone(chapter, lambda id=id: self._try(id))

    def end(self) -> None:
        self.pool.shutdown(cancel_futures=True)

    def _alone(self, chapter: int, work: Callable[[], Value]) -> Future[Value]:
        def locked() -> Value:
            with _chapters[chapter]:
                return work()

        return self.pool.submit(locked)

    def _try(self, id: str) -> list[Tried]:
        return [self.classroom.attempt(each) for each in attempts(self.bank, id)]

    def _compare(self, book: str) -> str:
        """Run a notebook of source/; what nbval finds different from what is stored, or ''."""
        folder = self.engine.shared_folder() / book
        shutil.copytree(EXERCISES / "source" / book, folder)
        with self.classroom.cleaned():
            # A build that failed leaves a container, which keeps the steps before it in the cache.
            self.classroom.api.prune_containers()
            self.classroom.api.prune_images({"dangling": True})
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider"),
                    *("--nbval-sanitize-with", str(HERE / "sanitize.cfg"), "--color=no"),
                    *("--nbval-cell-timeout=120", "--rootdir", str(folder), "-c", os.devnull),
                    str(folder / f"{book}.ipynb"),
                ],
                capture_output=True, text=True, timeout=390, umask=0,
                env=self.classroom.environment(folder.parent),
            )  # fmt: skip
        return done.stdout[-6000:] + done.stderr[-2000:] if done.returncode else ""
