"""What can be claimed of the files of a learner's folder.

file("notes.txt").holds("done")
file("index.js").is_in("ex4/app", "/usr/src/app/index.js")
context().leaves_out("node_modules/express/index.js")
"""

from __future__ import annotations

from dataclasses import dataclass

from docker.errors import NotFound

from dockerlab.errors import FormatError, NotFoundHere
from dockerlab.formats.ignorefile import NAME, Ignore
from dockerlab.grading.bench import LARGEST_FILE, Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import image_facts, unstarted
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


@dataclass(frozen=True, slots=True)
class File:
    """A file by its path in the folder."""

    path: str

    def exists(self) -> Claim:
        return Claim(say("file.exists", path=self.path), lambda bench: self._read(bench)[1])

    def holds(self, text: str) -> Claim:
        return Claim(
            say("file.holds", path=self.path, text=text), lambda bench: self._with(bench, text)
        )

    def lacks(self, text: str) -> Claim:
        return Claim(
            say("file.lacks", path=self.path, text=text), lambda bench: self._without(bench, text)
        )

    def is_in(self, image: str, path: str) -> Claim:
        """An image has the very file, as it is in the folder now, at ``path``."""
        says = say("file.in_image", path=self.path, image=image, place=path)
        return Claim(says, lambda bench: self._packed(bench, image, path))

    def _read(self, bench: Bench) -> tuple[str, Finding]:
        text = bench.read(self.path)
        return text or "", absent("file.absent", path=self.path) if text is None else met()

    def _with(self, bench: Bench, text: str) -> Finding:
        content, found = self._read(bench)
        if not found or text in content:
            return found
        return unmet("file.without", path=self.path, text=text)

    def _without(self, bench: Bench, text: str) -> Finding:
        content, found = self._read(bench)
        return unmet("file.with", path=self.path, text=text) if text in content else found

    def _packed(self, bench: Bench, image: str, path: str) -> Finding:
        content, found = self._read(bench)
        if not found:
            return found
        if image_facts(bench, image) is None:
            return absent("image.absent", image=image)
        there = packed(bench, image, path)
        if there is None:
            return unmet("file.not_packed", path=self.path, image=image, place=path)
        if there == content:
            return met()
        return unmet("file.packed_older", path=self.path, image=image)


@dataclass(frozen=True, slots=True)
class Context:
    """The folder as it is sent to the builder: without what ``.dockerignore`` names."""

    def leaves_out(self, *paths: str) -> Claim:
        says = say("context.leaves_out", paths=", ".join(paths))
        return Claim(says, lambda bench: self._without(bench, paths))

    def sends(self, *paths: str) -> Claim:
        says = say("context.sends", paths=", ".join(paths))
        return Claim(says, lambda bench: self._with(bench, paths))

    def _without(self, bench: Bench, paths: tuple[str, ...]) -> Finding:
        if bench.read(NAME) is None:
            return absent("context.no_ignore")
        rules, broken = self._rules(bench)
        sent = next((path for path in paths if not rules.matches(path)), "")
        return unmet("context.still_sent", path=sent) if broken and sent else broken

    def _with(self, bench: Bench, paths: tuple[str, ...]) -> Finding:
        rules, broken = self._rules(bench)
        for path in paths:
            if broken and (pattern := rules.why(path)) is not None and not pattern.keep:
                return unmet("context.left_out", path=path, line=pattern.line, rule=pattern.text)
        return broken

    def _rules(self, bench: Bench) -> tuple[Ignore, Finding]:
        """The rules and "met"; none, and what is wrong with the file, where it cannot be read."""
        try:
            return Ignore.read(bench.read(NAME) or ""), met()
        except FormatError as error:
            return Ignore(), unmet("context.bad_ignore", error=excerpt(str(error)))


def file(path: str) -> File:
    return File(path)


def context() -> Context:
    return Context()


def packed(bench: Bench, image: str, path: str) -> str | None:
    """The text of a file in an image; None where there is none, or one too large to be looked at.

    Raises NotFound where there is no such image.
    """
    with unstarted(bench, image) as container:
        try:
            content = bench.lab.container(container).read(path, limit=LARGEST_FILE)
        except (NotFoundHere, NotFound, IsADirectoryError, ValueError):
            return None
    return content.decode("utf-8", "replace")
