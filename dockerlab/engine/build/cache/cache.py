"""The build cache: which image a step made the last time, and what went into it.

Docker Engine's classic builder has no cache of its own: a step is cached when the image before it
has a child with the same configuration. The key here is exactly that, hashed: parent image and
configuration (the parent's own key is in its id, so keys are a chain). Beside each key stands
what the step read, so that a miss can be explained.

``DIR/cache/<key>.json`` is one record, ``<key>.files.json`` the digests of the files it read.
Records keep no image alive: one whose images are gone hits nothing, and goes with a sweep.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from dockerlab.engine.store.files import write_json
from dockerlab.formats.buildcache import compare
from dockerlab.formats.buildtrace import Cause, Inputs, Reason

Config = dict[str, Any]

_COMPARED = ("User", "Tty", "AttachStdout", "AttachStderr", "Cmd", "Env", "Entrypoint")
_COMPARED_MAPS = ("Labels", "ExposedPorts", "Volumes")
_KEPT_IMAGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One step as the cache is asked about it."""

    parent: str
    """Id of the image before it; empty on top of ``scratch``."""
    config: Config
    """The configuration that the step's image would have as its ContainerConfig."""
    inputs: Inputs
    base: str = ""
    """The image of the stage's FROM, as it is called there."""
    position: int = 0
    """Steps since FROM, from 1."""
    extra: str = ""
    """What counts besides: mounts."""
    family: str = ""
    """Which builds it belongs to: the name to be given to the image, and the stage. It changes no
    key; reasons are looked for within a family first."""
    on_stage: bool = False
    """``base`` is a stage of the same Dockerfile."""

    @property
    def key(self) -> str:
        compared = [self.config.get(name) or None for name in _COMPARED]
        compared += [sorted((self.config.get(name) or {}).items()) for name in _COMPARED_MAPS]
        text = json.dumps([self.parent, compared, self.extra], default=str)
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """What is known under a key; ``images`` newest last. ``inputs`` lacks the files."""

    key: str
    parent: str
    images: tuple[str, ...]
    inputs: Inputs
    base: str
    position: int
    family: str
    number: int
    """Records are counted; a higher one is younger."""


class Cache(Protocol):
    """Answers for one stage of one build."""

    def find(self, probe: Probe) -> str:
        """The id of the image that the step would make; empty if it has to be made."""
        ...

    def why(self, probe: Probe) -> Reason | None:
        """Why ``find`` had nothing, as far as it is known."""
        ...


class NoCache:
    """For ``--no-cache``: there never was a build."""

    def find(self, probe: Probe) -> str:
        return ""

    def why(self, probe: Probe) -> Reason | None:
        return Reason(cause=Cause.NO_CACHE)


class Records:
    """All records of one engine. Thread-safe."""

    def __init__(self, directory: Path, there: Callable[[str], bool]) -> None:
        """``there`` tells whether an image still exists."""
        self._directory, self._there = directory, there
        self._lock = threading.Lock()
        self._records: dict[str, Record] | None = None
        self._children: dict[str, list[str]] = {}
        self._count = 0

    def find(self, key: str) -> str:
        """The youngest image of a key that is still there, or empty."""
        record = self._all().get(key)
        found = [image for image in record.images if self._there(image)] if record else []
        return found[-1] if found else ""

    def keep(self, probe: Probe, image: str) -> None:
        """Note that a step made an image. Blocking; never fails but for a full disk."""
        key, known = probe.key, self._all()
        with self._lock:
            before = known.get(key)
            images = (*(before.images if before else ()), image)[-_KEPT_IMAGES:]
            self._count += 1
            record = Record(
                key=key,
                parent=probe.parent,
                images=images,
                inputs=replace(probe.inputs, files={}),
                base=probe.base,
                position=probe.position,
                family=probe.family,
                number=self._count,
            )
            self._add(record)
        if probe.inputs.files:
            files = dict(probe.inputs.files)
            write_json(self._directory / f"{key}.files.json", files, durable=False)
        write_json(self._directory / f"{key}.json", _as_json(record), durable=False)

    def inputs(self, record: Record) -> Inputs:
        """What went into a step, its files too."""
        try:
            files = json.loads((self._directory / f"{record.key}.files.json").read_bytes())
        except (OSError, ValueError):
            files = {}
        return replace(record.inputs, files=files)

    def siblings(self, probe: Probe) -> list[Record]:
        """What was built on the same image, youngest first."""
        known = self._all()
        found = [known[key] for key in self._children.get(probe.parent, ()) if key in known]
        return sorted(found, key=lambda record: record.number, reverse=True)

    def elsewhere(self, probe: Probe) -> list[Record]:
        """What was built at the same place on other images, youngest first."""
        found = [
            record
            for record in self._all().values()
            if record.position == probe.position and record.parent != probe.parent
        ]
        return sorted(found, key=lambda record: record.number, reverse=True)

    def sweep(self) -> None:
        """Drop the records of images that are gone. Blocking."""
        known = self._all()
        with self._lock:
            for key, record in list(known.items()):
                if not any(map(self._there, record.images)):
                    del known[key]
                    self._children[record.parent].remove(key)
                    self._delete(key)

    def _all(self) -> dict[str, Record]:
        with self._lock:
            if self._records is None:
                self._records = {}
                for path in self._directory.glob("*.json"):
                    if not path.name.endswith(".files.json"):
                        self._load(path)
            return self._records

    def _load(self, path: Path) -> None:
        try:
            data = json.loads(path.read_bytes())
            inputs = Inputs(**data.pop("inputs"))
            record = Record(**{**data, "images": tuple(data["images"])}, inputs=inputs)
        except (OSError, ValueError, TypeError, KeyError):
            path.unlink(missing_ok=True)  # a damaged record is a miss, no more
            return
        if any(map(self._there, record.images)):
            self._add(record)
        else:
            self._delete(record.key)

    def _delete(self, key: str) -> None:
        for name in (f"{key}.json", f"{key}.files.json"):
            (self._directory / name).unlink(missing_ok=True)

    def _add(self, record: Record) -> None:
        assert self._records is not None
        if record.key not in self._records:
            self._children.setdefault(record.parent, []).append(record.key)
        self._records[record.key] = record
        self._count = max(self._count, record.number)


def _as_json(record: Record) -> dict[str, Any]:
    inputs = record.inputs
    return {
        "key": record.key,
        "parent": record.parent,
        "images": record.images,
        "inputs": {
            "instruction": inputs.instruction,
            "arguments": dict(inputs.arguments),
            "base": inputs.base,
        },
        "base": record.base,
        "position": record.position,
        "family": record.family,
        "number": record.number,
    }


class LocalCache:
    """The records, for one stage: after the first miss nothing below can be there."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._missed = False
        self._asked = ""
        """The key that missed first; those after it miss for its sake."""

    def find(self, probe: Probe) -> str:
        if self._missed:
            return ""
        found = self._records.find(probe.key)
        self._missed = not found
        self._asked = probe.key if self._missed else ""
        return found

    def why(self, probe: Probe) -> Reason | None:
        if probe.key != self._asked:
            return None
        siblings = self._records.siblings(probe)
        if any(record.key == probe.key for record in siblings):
            return Reason(cause=Cause.GONE)
        before = _likest(probe, siblings)
        if before is not None:
            return compare(self._records.inputs(before), probe.inputs)
        if probe.position == 1 and (moved := self._on_another_base(probe)):
            return moved
        return Reason(cause=Cause.FIRST)

    def _on_another_base(self, probe: Probe) -> Reason | None:
        """The first step of a stage was made before, but on another image."""
        for record in self._records.elsewhere(probe):
            same = record.inputs.instruction == probe.inputs.instruction
            if record.family != probe.family and not (same and record.base == probe.base):
                continue
            if probe.on_stage:
                return Reason(cause=Cause.STAGE, name=probe.base)
            before, after = record.base, probe.base
            if before == after:
                before, after = record.parent[7:19], probe.parent[7:19]
            return Reason(cause=Cause.BASE, before=before, after=after)
        return None


def _likest(probe: Probe, records: Iterable[Record]) -> Record | None:
    """The youngest record that a person would say is the same step, before somebody changed it.

    That is one of the same family and kind, rather one that reads the same; of other families
    only one that reads the same.
    """
    keyword, text = _keyword(probe.inputs), probe.inputs.instruction
    alike = [record for record in records if _keyword(record.inputs) == keyword]
    equal = [record for record in alike if record.inputs.instruction == text]
    related = [record for record in alike if record.family == probe.family]
    choices = [*(record for record in equal if record in related), *related, *equal]
    return choices[0] if choices else None


def _keyword(inputs: Inputs) -> str:
    return inputs.instruction.split(None, 1)[0].upper() if inputs.instruction else ""
