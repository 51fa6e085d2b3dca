"""What can be claimed of volumes, and of where a container's data is.

volume("ex5-data").exists()
volume("ex5-data").holds("dump.rdb", "visits")
data("ex5-store", "/data").survives()
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath

from docker.errors import NotFound

from dockerlab.errors import NotFoundHere
from dockerlab.formats.mounts import Mount, mounts_of
from dockerlab.grading.bench import LARGEST_FILE, Bench
from dockerlab.grading.claims.looking.facts import LENT, Facts, container_facts, lent, unstarted
from dockerlab.grading.claims.looking.facts import volume_facts as facts_of
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unknown, unmet


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume by its name."""

    name: str

    def exists(self) -> Claim:
        return Claim(say("volume.exists", volume=self.name), self._exists)

    def holds(self, path: str, text: str = "") -> Claim:
        """There is a file ``path`` in it, and ``text`` in that file; whoever uses the volume."""
        key = "volume.holds_text" if text else "volume.holds"
        says = say(key, volume=self.name, path=path, text=text)
        return Claim(says, lambda bench: self._holds(bench, path, text.encode()))

    def is_mounted(self, container: str, path: str, *, read_only: bool | None = None) -> Claim:
        """A container has it at ``path``, and may write to it or not, where that is said."""
        key = {None: "mounted", True: "mounted_ro", False: "mounted_rw"}[read_only]
        says = say(f"volume.{key}", volume=self.name, container=container, path=path)
        return Claim(says, lambda bench: self._mounted(bench, container, path, read_only))

    def is_shared_by(self, *containers: str) -> Claim:
        """Each of the containers has it, wherever."""
        says = say("volume.shared", volume=self.name, containers=", ".join(containers))
        return Claim(says, lambda bench: self._shared(bench, containers))

    def is_gone(self) -> Claim:
        return Claim(say("volume.gone", volume=self.name), self._gone)

    def _exists(self, bench: Bench) -> Finding:
        return met() if facts_of(bench, self.name) else absent("volume.absent", volume=self.name)

    def _gone(self, bench: Bench) -> Finding:
        return unmet("volume.still", volume=self.name) if facts_of(bench, self.name) else met()

    def _holds(self, bench: Bench, path: str, text: bytes) -> Finding:
        if not facts_of(bench, self.name):
            return absent("volume.absent", volume=self.name)
        reader = lent(bench)  # nothing of it is run
        if not reader:
            return unknown("volume.no_reader", image=LENT[0])
        with unstarted(bench, reader, Binds=[f"{self.name}:/volume:ro"]) as container:
            return self._read(bench, container, path, text)

    def _read(self, bench: Bench, container: str, path: str, text: bytes) -> Finding:
        fields = {"volume": self.name, "path": path}
        place = "/volume" + clean(path)
        try:
            content = bench.lab.container(container).read(place, limit=LARGEST_FILE)
        except (NotFoundHere, NotFound):
            return unmet("volume.no_file", **fields)
        except IsADirectoryError:
            return unmet("volume.no_regular_file", **fields)
        except ValueError:
            return unmet("volume.large_file", **fields)
        if text in content:
            return met()
        return unmet("volume.no_text", text=text.decode(), **fields)

    def _mounted(self, bench: Bench, container: str, path: str, read_only: bool | None) -> Finding:
        facts = container_facts(bench, container)
        if facts is None:
            return absent("container.absent", name=container)
        mine = self.places(facts)
        if not mine:
            return unmet("volume.unused", volume=self.name, container=container)
        here = next((one for one in mine if one.path == clean(path)), None)
        if here is None:
            fields = {"volume": self.name, "container": container}
            return unmet("volume.elsewhere", there=mine[0].path, path=path, **fields)
        if read_only is None or here.writable is not read_only:
            return met()
        key = "volume.writable" if here.writable else "volume.read_only"
        return unmet(key, volume=self.name, container=container, path=path)

    def _shared(self, bench: Bench, containers: tuple[str, ...]) -> Finding:
        for container in containers:
            facts = container_facts(bench, container)
            if facts is None:
                return absent("container.absent", name=container)
            if not self.places(facts):
                return unmet("volume.unused", volume=self.name, container=container)
        return met()

    def places(self, facts: Facts) -> list[Mount]:
        """Where a container has it."""
        return [one for one in mounts(facts) if one.source == self.name]


@dataclass(frozen=True, slots=True)
class Data:
    """What a container keeps at a path."""

    container: str
    path: str

    def survives(self) -> Claim:
        """It is still there when the container is removed and a new one takes its place."""
        return Claim(say("data.survives", container=self.container, path=self.path), self._look)

    def _look(self, bench: Bench) -> Finding:
        facts = container_facts(bench, self.container)
        if facts is None:
            return absent("container.absent", name=self.container)
        kind = self.kind(facts)
        if kind in ("volume", "bind"):
            return met()
        return unmet(f"data.{kind}", container=self.container, path=self.path)

    def kind(self, facts: Facts) -> str:
        """``volume``, ``bind``, ``anonymous``, ``tmpfs``; ``layer`` where nothing is mounted."""
        here = PurePosixPath(clean(self.path))
        above = [one for one in mounts(facts) if here.is_relative_to(one.path)]
        return max(above, key=lambda one: len(one.path)).kind if above else "layer"


def volume(name: str) -> Volume:
    return Volume(name)


def data(container: str, path: str) -> Data:
    return Data(container, path)


def clean(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path))


def mounts(facts: Facts) -> tuple[Mount, ...]:
    return mounts_of(facts, {})
