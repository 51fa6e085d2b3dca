"""What is at a path on the disk of a container, or in an image: nothing of it is run.

The disk is a learner's: a path may be a link in a circle, a folder, a pipe or of any size.
"""

from __future__ import annotations

import base64
import json
import posixpath
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from docker.errors import APIError, NotFound

from dockerlab.client.sessions import request
from dockerlab.grading.bench import LARGEST_FILE, Bench
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, met, say, unmet

HOPS = 8
"""Links that are followed from one path."""
FOLDER, LINK, STRANGE = 1 << 31, 1 << 27, 0b1111 << 23
"""Bits of a mode as the engine writes it, which is Go's way; strange are pipes and devices."""

Opened = AbstractContextManager[str | None]
"""Gives the id of a container whose disk is looked at; None where there is none."""
Open = Callable[[Bench], Opened]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is at a path."""

    path: str
    mode: int
    size: int
    target: str

    @property
    def is_regular(self) -> bool:
        return not self.mode & (FOLDER | LINK | STRANGE)


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of something: how to call that, what to find where there is none, how to open it."""

    owner: Saying
    missing: Finding
    open: Open

    def holds(self, path: str, text: str = "") -> Claim:
        """A file is at ``path``, and ``text`` in it; without a text a folder will do."""
        key = "contents.holds_text" if text else "contents.holds"
        says = say(key, owner=self.owner, path=path, text=text)
        return Claim(says, lambda bench: self._holds(bench, path, text))

    def lacks(self, path: str) -> Claim:
        """Nothing is at ``path``."""
        says = say("contents.lacks", owner=self.owner, path=path)
        return Claim(says, lambda bench: self._lacks(bench, path))

    def _holds(self, bench: Bench, path: str, text: str) -> Finding:
        with self.open(bench) as disk:
            return self._found(bench, disk, path, text) if disk else self.missing

    def _lacks(self, bench: Bench, path: str) -> Finding:
        with self.open(bench) as disk:
            if not disk:
                return self.missing
            return self._unmet("still_there", path=path) if at(bench, disk, path) else met()

    def _found(self, bench: Bench, disk: str, path: str, text: str) -> Finding:
        entry = followed(bench, disk, path)
        if entry is None:
            return self._unmet("no_file", path=path)
        if not text:
            return met()
        if not entry.is_regular:
            return self._unmet("no_regular_file", path=path)
        if entry.size > LARGEST_FILE:
            return self._unmet("too_large", path=path)
        content = bench.lab.container(disk).read(entry.path, limit=LARGEST_FILE)
        if text in content.decode("utf-8", "replace"):
            return met()
        return self._unmet("no_text", path=path, text=text)

    def _unmet(self, key: str, **fields: str) -> Finding:
        return unmet(f"contents.{key}", owner=self.owner, **fields)


def followed(bench: Bench, disk: str, path: str) -> Entry | None:
    """What is at a path in the end; None where there is nothing, or links that never end."""
    for _ in range(HOPS):
        entry = at(bench, disk, path)
        if entry is None or not entry.mode & LINK:
            return entry
        path = posixpath.join(posixpath.dirname(entry.path), entry.target)
    return None


def at(bench: Bench, disk: str, path: str) -> Entry | None:
    """What is at a path itself, be it a link; None where there is nothing."""
    try:
        query = {"path": path}
        with request(bench.api, "HEAD", "/containers/{0}/archive", disk, params=query) as answer:
            stat = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
    except NotFound:
        return None
    except APIError as error:
        # A part of the way is a file: engines differ in what they call that.
        if path == "/" or error.status_code not in (400, 500):
            raise
        if at(bench, disk, posixpath.dirname(path)) is None:
            raise
        return None
    return Entry(path, int(stat["mode"]), int(stat["size"]), str(stat.get("linkTarget") or ""))
