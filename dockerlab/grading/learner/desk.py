"""Where a learner works: a folder an exercise beside the notebook, and what lies in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dockerlab.client import connect
from dockerlab.client.lab import Lab
from dockerlab.client.pages.answer import NoAnswer, NotHTTP, request
from dockerlab.errors import DockerlabError
from dockerlab.grading.bench import ANSWERS, Bench, Fetch, read_answers
from dockerlab.grading.learner.quizzes.questions import FILE
from dockerlab.views.words import LANGUAGE_VARIABLE, default_language

BODY = 1 << 16
"""Characters of a page that a check reads."""


class Desk:
    """The exercises' folders beside one notebook.

    A kernel starts in its notebook's folder; ``start`` goes below it, so that is remembered.
    """

    def __init__(self) -> None:
        self._home: Path | None = None
        self._open = ""
        self._lines: dict[str, dict[str, Any]] = {}
        self._clicked: dict[str, dict[str, Any]] = {}

    def home(self, id: str) -> Path:
        """The notebook's folder; one is there afterwards, even if the current one was removed."""
        try:
            here = Path.cwd()
        except FileNotFoundError:  # somebody removed the folder that was open
            here = self._home or Path.home()
            os.chdir(here)
        if self._home is None or not here.is_relative_to(self._home):
            self._home = here.parent if here.name == id else here
        return self._home

    def folder(self, id: str) -> Path:
        """Of an exercise; it may not be there yet."""
        return self.home(id) / id

    def open(self, id: str, starter: Path | None) -> tuple[str, ...]:
        """Make an exercise's folder the current one, and say which files are in it.

        Files to begin with are copied from ``starter``; what is there already stays as it is.
        """
        # By the folder's name an edition is told from the other, and that is about to change.
        os.environ.setdefault(LANGUAGE_VARIABLE, default_language())
        folder = self.folder(id)
        folder.mkdir(parents=True, exist_ok=True)
        if starter is not None and starter.is_dir():
            _copy_missing(starter, folder)
        os.chdir(folder)
        self._open = id
        names = [f"{path.name}/" if path.is_dir() else path.name for path in folder.iterdir()]
        return tuple(sorted(name for name in names if name not in (ANSWERS, FILE)))

    def bench(self, id: str) -> Bench:
        """What the checks of an exercise look at: its folder, and the engine in use."""
        lab = connect.current(quiet=True)
        return Bench(lab, self.folder(id), fetcher(lab))

    @property
    def opened(self) -> str:
        """The exercise that was started last. Raises DockerlabError if none was."""
        if not self._open:
            raise DockerlabError(
                "no exercise was started yet, so it is not clear whose question this is",
                "Run the cell with the exercise's start(…) first.",
            )
        return self._open

    def answer(self, id: str, question: str, value: Any) -> None:
        """Keep an answer in an exercise's folder.

        Raises DockerlabError for what cannot be written down.
        """
        folder = self.folder(id)
        folder.mkdir(parents=True, exist_ok=True)
        answers = {**self.answers(id), question: value}
        try:
            text = json.dumps(answers, ensure_ascii=False, indent=1, allow_nan=False)
        except (TypeError, ValueError):
            raise DockerlabError(
                f"the answer to {question!r} cannot be written down: {value!r}",
                "Answer by a number, a word in quotes, or a list of such.",
            ) from None
        half = folder / f"{ANSWERS}.part"
        half.write_text(text + "\n", "utf-8")
        half.replace(folder / ANSWERS)

    def click(self, id: str, question: str, value: Any) -> None:
        """Keep an answer that was given in the widget. Raises DockerlabError."""
        self.answer(id, question, value)
        self._clicked.setdefault(id, {})[question] = value

    def take(self, id: str, line: Mapping[str, Any]) -> None:
        """Keep the answers that a quiz's call holds, but for what was clicked since it was
        written. Raises DockerlabError."""
        same = line == self._lines.get(id, {})
        clicked = self._clicked.pop(id, {}) if same else {}
        self.written(id, line)
        for question, value in {**line, **clicked}.items():
            self.answer(id, question, value)

    def written(self, id: str, line: Mapping[str, Any]) -> None:
        """A quiz's call holds these answers."""
        self._lines[id] = dict(line)
        self._clicked.pop(id, None)

    def answers(self, id: str) -> dict[str, Any]:
        """What was answered so far."""
        return read_answers(self.folder(id))


def fetcher(lab: Lab) -> Fetch:
    """Asks pages where the engine publishes its ports: on this machine, or on the engine's."""
    there = urlsplit(lab.url).hostname if not lab.url.startswith("unix:") else None

    def fetch(port: int, path: str = "/", *, patience: float = 5.0) -> tuple[int, str]:
        try:
            answer = request(there or "127.0.0.1", port, path, patience=patience)
        except (NoAnswer, NotHTTP) as error:
            raise OSError(str(error)) from None
        return answer.status, answer.text[:BODY]

    return fetch


def _copy_missing(source: Path, folder: Path) -> None:
    for path in sorted(source.rglob("*")):
        place = folder / path.relative_to(source)
        if path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            # Not copytree: the folder would get the permissions of the course's own.
            shutil.copyfile(path, place)
