"""The bank of exercises: ``exercises/bank/chapterN/ID/``, a folder an exercise.

    exercise.py   exercise = Exercise(...)
    hidden.py     checks = [...], for the grader only; may be missing
    en.md ko.md   what it says, see texts.py
    starter/      files that a learner begins with; may be missing
    solution.py   the cells of an answer, see cells.py
    wrong/        wrong answers, each named after the hint that it must get

What is wrong with a file is told by its name and line.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from dockerlab.errors import DockerlabError
from dockerlab.grading.cells import split_cells
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.texts import ExerciseError, Texts, read_texts
from dockerlab.grading.words import CATALOGUE

FOLDER_VARIABLE = "DOCKERLAB_EXERCISES"
_CLONE = Path(__file__).resolve().parents[2] / "exercises"
_CHAPTER = re.compile(r"chapter(\d+)")
Value = TypeVar("Value")


class NoBank(DockerlabError):
    """The exercises' checks and answers are not on this machine."""


class NoExercise(DockerlabError):
    """There is no exercise of that name."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer: its file's name without the ending, and the hint that it must get.

    ``hint`` is the name of a spot, or of a check for that check's own.
    """

    name: str
    hint: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One exercise, read and found to be in order."""

    id: str
    chapter: int
    folder: Path
    exercise: Exercise
    texts: Texts

    @property
    def starter(self) -> Path:
        """Files that a learner begins with. It may not be there."""
        return self.folder / "starter"

    def hidden(self) -> tuple[Check, ...]:
        """Checks for the grader only: never to be read in a process that a learner controls."""
        path = self.folder / "hidden.py"
        if not path.exists():
            return ()
        return tuple(_value(path, "checks", list))

    def solution(self) -> tuple[str, ...]:
        return _cells(self.folder / "solution.py")

    def wrong(self) -> tuple[Wrong, ...]:
        found = sorted((self.folder / "wrong").glob("*.py"))
        return tuple(Wrong(path.stem, self._hint(path), _cells(path)) for path in found)

    def _hint(self, path: Path) -> str:
        name = path.stem.partition("--")[0]
        spots = {spot.name for check in self.exercise.checks for spot in check.spots}
        if name not in {*self.texts.checks, *spots}:
            raise ExerciseError(path, 0, f"{name} is no hint of this exercise")
        return name


class Bank:
    """``Bank(folder)`` reads ``folder/bank``; without a folder it looks for it, see ``find``.

    Exercises are read when they are asked for: one that is broken does not hide the others.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or find()

    @cached_property
    def _folders(self) -> Mapping[str, Path]:
        found: dict[str, Path] = {}
        for path in sorted(self.folder.glob("bank/chapter*/*/exercise.py")):
            place = path.parent
            if place.name in found:
                raise ExerciseError(path, 0, f"{found[place.name]} has the same name")
            found[place.name] = place
        return found

    def ids(self, chapter: int | None = None) -> tuple[str, ...]:
        """All exercises, or those of a chapter: by chapter, then easy ones first."""
        return tuple(entry.id for entry in self.entries(chapter))

    def entries(self, chapter: int | None = None) -> tuple[Entry, ...]:
        """The same, read."""
        entries = [self.get(id) for id in self._folders]
        entries.sort(key=lambda entry: (entry.chapter, entry.exercise.level, entry.id))
        return tuple(entry for entry in entries if chapter in (None, entry.chapter))

    def get(self, id: str) -> Entry:
        """Raises NoExercise; ExerciseError when a file of it is not in order."""
        if id not in self._folders:
            raise NoExercise(
                f"there is no exercise {id!r}", f"there are: {', '.join(self._folders) or 'none'}"
            )
        if id not in self._entries:
            self._entries[id] = _read(self._folders[id])
        return self._entries[id]

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {}

    def solution(self, id: str) -> tuple[str, ...]:
        return self.get(id).solution()

    def wrong(self, id: str) -> tuple[Wrong, ...]:
        return self.get(id).wrong()


def find() -> Path:
    """The folder ``exercises``: $DOCKERLAB_EXERCISES, else upwards from here, else the clone's.

    Raises NoBank where none of them holds a bank.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    here = Path.cwd()
    above = [place / "exercises" for place in (here, *here.parents)]
    for place in [Path(named)] if named else [*above, _CLONE]:
        if (place / "bank").is_dir():
            return place
    raise NoBank(
        "The checks of the exercises are not on this machine.",
        f"They are in exercises/ of the course's repository; ${FOLDER_VARIABLE} says where.",
    )


def _read(folder: Path) -> Entry:
    path = folder / "exercise.py"
    chapter = _CHAPTER.fullmatch(folder.parent.name)
    if chapter is None:
        raise ExerciseError(path, 0, "its folder is to be in one named as a chapter: chapter3")
    exercise = _value(path, "exercise", Exercise)
    entry = Entry(folder.name, int(chapter[1]), folder, exercise, read_texts(folder))
    _verify(entry, path)
    return entry


def _verify(entry: Entry, path: Path) -> None:
    """That the names in the checks, the questions and the texts are the same."""
    checks, texts = entry.exercise.checks, entry.texts
    if entry.exercise.level not in (1, 2, 3):
        raise ExerciseError(path, 0, "its level is to be 1, 2 or 3")
    before: set[str] = set()
    for check in checks:
        if check.name in before:
            raise ExerciseError(path, 0, f"two checks are named {check.name}")
        if check.hidden:
            raise ExerciseError(path, 0, f"{check.name} is hidden: it belongs into hidden.py")
        if missing := sorted(set(check.needs) - before):
            raise ExerciseError(path, 0, f"{check.name} needs {missing[0]}, which is not before it")
        if check.edits and not (entry.starter / check.edits).is_file():
            raise ExerciseError(path, 0, f"{check.name}: there is no {check.edits} to begin with")
        before.add(check.name)
    spots = {spot.name for check in checks for spot in check.spots}
    if twice := sorted(spots & before):
        raise ExerciseError(path, 0, f"a check and a spot are both named {twice[0]}")
    for name in sorted(spots - set(texts.spots)):
        if f"spot.{name}" not in CATALOGUE:
            raise ExerciseError(path, 0, f"nothing is said of the spot {name}")
    _verify_texts(entry, before, spots)


def _verify_texts(entry: Entry, checks: set[str], spots: set[str]) -> None:
    path, texts = entry.folder / "en.md", entry.texts
    for kind, told, known in (
        ("check", set(texts.checks), checks),
        ("spot", set(texts.spots), spots),
        ("question", set(texts.questions), set(entry.exercise.questions)),
    ):
        if stray := sorted(told - known):
            raise ExerciseError(path, 0, f"exercise.py has no {kind} named {stray[0]}")
    for name, kind in entry.exercise.questions.items():
        wording = texts.questions.get(name)
        if wording is None:
            raise ExerciseError(path, 0, f"the question {name} is not worded")
        if bool(wording.options) != (kind in ("choice", "choices", "order")):
            raise ExerciseError(path, 0, f"the options of the question {name} do not fit: {kind}")


def _value(path: Path, name: str, kind: type[Value]) -> Value:
    """What a file of an exercise says ``name`` is."""
    space: dict[str, Any] = {"__name__": f"exercise_{path.parent.name}", "__file__": str(path)}
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), space)
    except SyntaxError as error:
        raise ExerciseError(path, error.lineno or 0, f"SyntaxError: {error.msg}") from error
    except Exception as error:
        raise ExerciseError(path, _line(error, path), f"{type(error).__name__}: {error}") from error
    value = space.get(name)
    if not isinstance(value, kind):
        raise ExerciseError(path, 0, f"it is to say: {name} = {kind.__name__}(...)")
    return value


def _line(error: Exception, path: Path) -> int:
    """The last line of the file itself on the way to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename == str(path)]
    return lines[-1] if lines else 0


def _cells(path: Path) -> tuple[str, ...]:
    try:
        cells = split_cells(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ExerciseError(path, 0, f"it cannot be read ({error})") from None
    if not cells:
        raise ExerciseError(path, 0, "it has no cells")
    return cells
