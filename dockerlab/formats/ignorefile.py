"""``.dockerignore``: which files of a folder are not sent to the builder.

The rules are Docker's, which are neither git's nor the shell's: each pattern is for the whole path
from the root of the context, ``**`` stands for any number of folders, a match of a folder is one
of all in it, the last pattern that matches decides, and ``!`` takes files back in. docker-py's
matcher takes ``D`` for ``d``, and knows neither escapes nor which patterns are malformed, so it is
not used.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dockerlab.errors import FormatError
from dockerlab.formats.globs import DEEP, FOLDERS, STAR, Glob

NAME = ".dockerignore"
SIZE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line. ``keep``: it began with ``!``."""

    text: str
    keep: bool
    line: int
    glob: Glob


_Results = tuple[bool, ...]
"""Which of the patterns match a path, in their order."""


@dataclass(frozen=True, slots=True)
class Ignore:
    patterns: tuple[Pattern, ...] = ()

    @classmethod
    def read(cls, text: bytes | str) -> Ignore:
        """The patterns of a file's text. FormatError names a line that cannot be one."""
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if len(text) > SIZE_LIMIT:
            raise FormatError(f"{NAME} has more than {SIZE_LIMIT} characters")
        return cls(tuple(_patterns(text.removeprefix("\ufeff").split("\n"))))

    @classmethod
    def of(cls, folder: str | Path) -> Ignore:
        """Those of a folder's ``.dockerignore``; none when there is no such file."""
        try:
            return cls.read((Path(folder) / NAME).read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return cls()

    def matches(self, path: str) -> bool:
        """Whether a path (from the context's root, ``a/b.txt``) is ignored."""
        pattern = self.why(path)
        return pattern is not None and not pattern.keep

    def why(self, path: str) -> Pattern | None:
        """The pattern that decides about a path; None when it is sent as if there were none."""
        parts, results, pattern = path.split("/"), self._start(), None
        for count in range(1, len(parts) + 1):
            results, pattern = self._judge("/".join(parts[:count]), results)
        return pattern

    def enters(self, folder: str) -> bool:
        """Whether an ignored folder is looked into: only if a ``!`` names it, wildcards apart.

        So after ``*`` the line ``!**/keep.txt`` brings nothing back from any folder.
        """
        inside = f"{folder}/"
        return any(one.keep and f"{one.text}/".startswith(inside) for one in self.patterns)

    def walk(self, root: str | Path) -> Iterator[str]:
        """The paths below a folder that are sent, folders too, in order. Links are not followed."""
        yield from self._walk(os.fspath(root), "", self._start())

    def _walk(self, root: str, folder: str, results: _Results) -> Iterator[str]:
        with os.scandir(os.path.join(root, folder)) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            inner, pattern = self._judge(path, results)
            ignored = pattern is not None and not pattern.keep
            if not ignored:
                yield path
            if entry.is_dir(follow_symlinks=False) and (not ignored or self.enters(path)):
                yield from self._walk(root, path, inner)

    def _start(self) -> _Results:
        return (False,) * len(self.patterns)

    def _judge(self, path: str, above: _Results) -> tuple[_Results, Pattern | None]:
        """Which patterns match a path, knowing those that match its folder, and which decides.

        As in Docker, one that could change nothing is not tried, and so not known below either.
        """
        results, decides, ignored = [], None, False
        for pattern, was in zip(self.patterns, above, strict=True):
            hit = was or (pattern.keep == ignored and pattern.glob.matches(path))
            results.append(hit)
            if hit:
                decides, ignored = pattern, not pattern.keep
        return tuple(results), decides


def _patterns(lines: Iterable[str]) -> Iterator[Pattern]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if line.startswith("#") or not text:
            continue
        keep = text.startswith("!")
        text = text[1:].strip() if keep else text
        if not text:
            raise FormatError(
                f'illegal exclusion pattern: "!" ({NAME} line {number})',
                "Write a path behind the !, or remove the line.",
            )
        clean = posixpath.normpath(text)
        clean = clean.lstrip("/") or "/"
        yield Pattern(clean, keep, number, _glob(clean, number))


_CHARACTER = r"(?:\\.|[^\\\]\-])"
_TOKEN = re.compile(
    rf"\*\*/?|\*|\?|\[\^?(?:{_CHARACTER}(?:-{_CHARACTER})?)+\]|\\.|[^\[\\]", re.DOTALL
)


def _glob(pattern: str, line: int) -> Glob:
    try:
        tokens = list(_tokens(pattern))
        last = len(tokens) - 1
        return Glob([_part(t, i == last) for i, t in enumerate(tokens)])
    except (ValueError, re.error):
        raise FormatError(
            f"syntax error in pattern: {pattern[:200]} ({NAME} line {line})",
            "A [ needs its ]; write \\[ for the character itself.",
        ) from None


def _tokens(pattern: str) -> Iterator[str]:
    position = 0
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if found is None:
            raise ValueError(pattern)
        yield found[0]
        position = found.end()


def _part(token: str, last: bool) -> str:
    if token.startswith("**"):
        return DEEP if last else FOLDERS
    if token == "*":
        return STAR
    if token == "?":
        return "[^/]"
    if token.startswith("[") and len(token) > 1:
        negated = token.startswith("[^")
        return f"[{'^' if negated else ''}{_class(token[2 if negated else 1 : -1])}]"
    return re.escape(token.removeprefix("\\") or token)


def _class(text: str) -> str:
    return re.sub(r"\\(.)|([^\w\-])", lambda match: re.escape(match[1] or match[2]), text)
