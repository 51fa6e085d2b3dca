"""Who sent a file, by the names that nbgrader and learning platforms give files."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.S
)
_CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:LATE_)?(?P<number>\d+)_(?P<attempt>\d+)_(?P<file>.+)", re.S
)
_SAFE = re.compile(r"[^\W_][\w.-]{0,63}")
_ODD = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """A student as the submissions name them. ``number`` is the platform's own, where it has one.

    >>> sender_of("Kim Min_4711_assignsubmission_file_chapter1.ipynb")
    Sender(name='Kim Min', number='4711')
    """

    name: str
    number: str = ""

    @property
    def id(self) -> str:
        """Unique in a class."""
        return self.number or self.name

    @property
    def key(self) -> str:
        """For file names: the same for the same sender, never the same for two, never harmful."""
        name = f"{self.name}-{self.number}" if self.number else self.name
        if _SAFE.fullmatch(name):
            return name
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        return f"{_ODD.sub('-', name).strip('-_.')[:40] or 'student'}-{digest}"


def sender_of(name: str) -> Sender:
    """Whose a file or folder of this name is."""
    if found := _MOODLE.fullmatch(name) or _CANVAS.fullmatch(name):
        return Sender(shown(found["name"]), found["number"])
    return Sender(shown(_stem(name)))


def own_name(name: str) -> str:
    """What the student had called the file, without what the platform put before it.

    >>> own_name("kimmin_LATE_17_90210_chapter1-2.ipynb")
    'chapter1-2.ipynb'
    """
    found = _MOODLE.fullmatch(name) or _CANVAS.fullmatch(name)
    return (found["file"] if found else "") or name


def shown(name: str) -> str:
    """A name that can be printed and stored: no control characters, no stray bytes."""
    text = name.encode("utf-8", "replace").decode()
    return "".join(char for char in text if char.isprintable()).strip() or "?"


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.stem if path.suffix in (".ipynb", ".zip") else name
