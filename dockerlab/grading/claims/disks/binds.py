"""What can be claimed of folders of the host that a container has in place of its own.

bind("ex4-live", "/usr/src/app").is_there()
bind("ex4-live", "/usr/src/app").spares("node_modules")
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.formats.mounts import Mount, mounts_of
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.facts import container_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

Mounts = dict[str, Mount]
"""A container's mounts by their place in it."""


@dataclass(frozen=True, slots=True)
class Bind:
    """A folder of the host at ``path`` in a container.

    Which folder of the host it is, is for a page or a file to show: in a classroom the grader
    sees it under another name.
    """

    container: str
    path: str

    def is_there(self, *, read_only: bool | None = None) -> Claim:
        key = {None: "there", True: "read_only", False: "writable"}[read_only]
        says = say(f"bind.{key}", container=self.container, path=self.path)
        return self._claim(says, lambda mounts: self._bound(mounts, read_only))

    def spares(self, name: str) -> Claim:
        """What the image has below it under this name is kept by a mount of its own."""
        says = say("bind.spares", container=self.container, path=self.path, name=name)
        return self._claim(says, lambda mounts: self._spared(mounts, name))

    def _claim(self, says: Saying, judge: Callable[[Mounts], Finding]) -> Claim:
        def look(bench: Bench) -> Finding:
            facts = container_facts(bench, self.container)
            if facts is None:
                return absent("container.absent", name=self.container)
            return judge({one.path: one for one in mounts_of(facts, {})})

        return Claim(says, look)

    def _bound(self, mounts: Mounts, read_only: bool | None) -> Finding:
        mount = mounts.get(self.path)
        fields = {"container": self.container, "path": self.path}
        if mount is None:
            return unmet("bind.none", **fields)
        if mount.kind != "bind":
            return unmet("bind.volume", **fields)
        if read_only is None or mount.writable is not read_only:
            return met()
        return unmet("bind.is_writable" if mount.writable else "bind.is_read_only", **fields)

    def _spared(self, mounts: Mounts, name: str) -> Finding:
        if self.path not in mounts or posixpath.join(self.path, name) in mounts:
            return met()
        return unmet("bind.hides", container=self.container, path=self.path, name=name)


def bind(container: str, path: str) -> Bind:
    return Bind(container, path)
