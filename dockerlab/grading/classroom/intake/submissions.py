"""The submissions of an assignment, each with its files in memory.

What may be handed in: nbgrader's ``submitted/STUDENT/ASSIGNMENT/``, a folder with a folder or a
notebook a student, or a zip of either, as Moodle and Canvas export it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath

from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.intake.senders import Sender, own_name, sender_of, shown
from dockerlab.grading.classroom.intake.trees import Archive, Refused, Tree, tree
from dockerlab.grading.outcome import Saying, say
from dockerlab.views.words import Language

MOST_FILES = 1_000
MOST_BYTES = 64 << 20
"""Of one submission: its notebook with its outputs is nearly all of it."""
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Submission:
    """What one student handed in, as far as it was taken.

    ``notebook`` is a name among ``files``, "" where there is none.
    """

    sender: Sender
    language: Language | None
    """Of the edition that was handed in; None where no name tells it."""
    files: dict[str, bytes] = field(repr=False)
    notebook: str
    notes: tuple[Saying, ...] = ()

    @property
    def digest(self) -> str:
        """Changes with whatever of it could change its grade."""
        found = hashlib.sha256(f"{self.notebook}\0{self.language}".encode("utf-8", "replace"))
        for name, data in sorted(self.files.items()):
            found.update(f"\0{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
            found.update(data)
        return found.hexdigest()


@dataclass
class Source:
    """Where the files of one student are; ``load`` reads them."""

    sender: Sender
    tree: Tree
    roots: list[tuple[str, bool]]
    """Names of files and folders, and whether each is a folder."""
    assignment: str

    def load(self) -> Submission:
        """Never raises for what it reads."""
        taking = _Taking()
        for name, folder in self.roots:
            if folder:
                taking.take_folder(self.tree, name, f"{name}/")
            else:
                taking.take(self.tree, name, own_name(PurePosixPath(name).name))
        taking.unpack()
        notebook, others = _choice(taking.files, self.assignment)
        if others:
            taking.notes.append(say("intake.several", name=shown(notebook)))
        language = self._language(notebook)
        files, notebook = _rebased(taking.files, notebook)
        return Submission(self.sender, language, files, notebook, tuple(taking.notes))

    def _language(self, notebook: str) -> Language | None:
        """What the names say: each edition's notebook is named after its folder."""
        named = [PurePosixPath(name).name for name, _ in self.roots]
        named.append(PurePosixPath(notebook).stem)
        edition = re.compile(rf"{re.escape(self.assignment)}[-_]ko\b")
        return "ko" if any(map(edition.match, named)) else None


def sources(place: Path, assignment: str) -> list[Source]:
    """Where each student's files are, by name. Raises DockerlabError where there is nothing."""
    found = tree(place)
    grouped: dict[Sender, list[tuple[str, bool]]] = {}
    for name in _students(found, assignment):
        for root in _roots(found, name, assignment):
            grouped.setdefault(sender_of(PurePosixPath(name).name), []).append(root)
    if not grouped:
        raise DockerlabError(
            f"no submissions of {assignment} are at {place}",
            f"expected: STUDENT/{assignment}/, a folder or a notebook a student, or a zip of them",
        )
    named = sorted(grouped.items(), key=lambda item: (item[0].name, item[0].number))
    return [Source(sender, found, roots, assignment) for sender, roots in named]


def _students(found: Tree, assignment: str) -> list[str]:
    """The names at the top; where all of a zip is in one folder, those in that."""
    top = found.top()
    if isinstance(found, Archive) and len(top) == 1 and found.is_folder(top[0]):
        below = sorted({name.split("/")[1] for name in found.walk(top[0])})
        notebooks = sum(name.endswith(".ipynb") for name in below)
        if notebooks != 1 and not set(below) & set(_editions(assignment)):
            return [f"{top[0]}/{name}" for name in below]
    return [name for name in top if not name.startswith(".")]


def _roots(found: Tree, name: str, assignment: str) -> Iterator[tuple[str, bool]]:
    if not found.is_folder(name):
        # Lists and the like lie beside the notebooks; a link is told to its sender.
        if PurePosixPath(name).suffix in (".ipynb", ".zip", "") or sender_of(name).number:
            yield name, False
        return
    inside = [f"{name}/{edition}" for edition in _editions(assignment)]
    there = [root for root in inside if found.is_folder(root)]
    yield from ((root, True) for root in there or [name])


def _editions(assignment: str) -> tuple[str, str]:
    return assignment, f"{assignment}-ko"


class _Taking:
    """Takes files as long as there is room, and notes what it leaves out."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: list[Saying] = []
        self.room = MOST_BYTES

    def take_folder(self, source: Tree, root: str, above: str) -> None:
        """``above`` is what of its names is not the student's."""
        names = list(islice(source.walk(root), MOST_FILES + 1))
        if len(names) > MOST_FILES:
            # Its order is the disk's: the notebook is found by its name, whatever else is there.
            names = sorted(names, key=lambda name: (not name.endswith(".ipynb"), name))[:MOST_FILES]
            self.notes.append(say("intake.too_many", count=MOST_FILES))
        for name in sorted(names):
            self.take(source, name, name.removeprefix(above))

    def take(self, source: Tree, name: str, own: str) -> None:
        try:
            data = source.read(name, self.room)
        except Refused as refused:
            self.notes.append(say(refused.key, name=shown(own), size=MOST_BYTES // MEGABYTE))
            return
        self.files[own] = data
        self.room -= len(data)

    def unpack(self) -> None:
        """A student's own zip, where no notebook lies beside it; not a zip in that."""
        zips = sorted(name for name in self.files if name.endswith(".zip"))
        if any(name.endswith(".ipynb") for name in self.files) or not zips:
            return
        name = zips[0]
        data = self.files.pop(name)
        try:
            inside = Archive(data)
        except Refused as refused:
            self.notes.append(say(refused.key, name=shown(name)))
            return
        self.notes += [say("intake.outside", name=shown(stray)) for stray in inside.strays[:5]]
        for root in inside.top()[:MOST_FILES]:
            if inside.is_folder(root):
                self.take_folder(inside, root, "")
            else:
                self.take(inside, root, root)


def _choice(files: dict[str, bytes], assignment: str) -> tuple[str, Sequence[str]]:
    """The notebook to grade, and the others: one named as the assignment, else the first."""
    notebooks = sorted(name for name in files if name.endswith(".ipynb"))
    if not notebooks:
        return _only_file(files), ()

    def rank(name: str) -> tuple[bool, bool, int, str]:
        stem = PurePosixPath(name).stem
        exact = stem in _editions(assignment)
        return not exact, not stem.startswith(assignment), name.count("/"), name

    first, *others = sorted(notebooks, key=rank)
    alike = [name for name in others if rank(name)[:2] == rank(first)[:2]]
    return first, alike


def _only_file(files: dict[str, bytes]) -> str:
    """A single file is what was meant, whatever it is called; it is looked at later."""
    return next(iter(files)) if len(files) == 1 else ""


def _rebased(files: dict[str, bytes], notebook: str) -> tuple[dict[str, bytes], str]:
    """Only what lies beside the notebook or below, by its name from there."""
    above = notebook.rpartition("/")[0]
    above = f"{above}/" if above else ""
    near = {name[len(above) :]: data for name, data in files.items() if name.startswith(above)}
    return near, notebook[len(above) :]
