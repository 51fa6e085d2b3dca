"""What earlier builds were made of, since Docker Engine tells no reasons.

::

    ~/.local/state/dockerlab/builds/ENGINE/     or $XDG_STATE_HOME, or $DOCKERLAB_STATE
        keys.json          what a step was made of, hashed → the images it gave, newest last
        HASH.json          the last build of one Dockerfile in one folder, step by step

Files are written under another name and renamed, so they are whole; one that cannot be read is as
one that is not there. Only so many are kept. Nothing here can make a build fail.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.buildcache import as_json, from_json
from dockerlab.formats.buildtrace import Inputs

KEYS_KEPT = 5000
IMAGES_KEPT = 4
SERIES_KEPT = 100


def folder(engine: str) -> Path:
    """Where the records of one engine's builds are, by its ID."""
    return location() / _hash(engine)


@dataclass(frozen=True, slots=True)
class Made:
    """A step of an earlier build: its stage's index, its inputs and the image after it."""

    stage: int
    inputs: Inputs
    image: str


def location() -> Path:
    """Where the records are for this user."""
    chosen = os.environ.get("DOCKERLAB_STATE")
    if chosen:
        return Path(chosen).expanduser().absolute() / "builds"
    base = os.environ.get("XDG_STATE_HOME", "")
    home = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    return home / "dockerlab" / "builds"


class Memory:
    """The records for one engine. ``there`` tells whether an image still exists."""

    def __init__(self, engine: str, there: Callable[[str], bool], root: Path | None = None) -> None:
        self._folder = (root or location()) / _hash(engine)
        self._there = there
        self._keys: dict[str, list[str]] | None = None

    def find(self, key: str) -> str:
        """The youngest image that a step of this key gave and that is still there; or empty."""
        if self._keys is None:
            self._keys = self._load_keys()
        return next((one for one in reversed(self._keys.get(key, [])) if self._there(one)), "")

    def series(self, name: str) -> tuple[Made, ...]:
        """The last build of a series; empty if there was none."""
        data = _read(self._folder / f"{_hash(name)}.json")
        try:
            return tuple(
                Made(int(one["stage"]), from_json(Inputs, one["inputs"]), str(one["image"]))
                for one in data.get("steps", ())
            )
        except (KeyError, TypeError, ValueError, AttributeError, FormatError):
            return ()

    def keep(self, name: str, steps: Sequence[Made], keys: Mapping[str, str]) -> None:
        """Remember a build: its steps, and the image that each of its keys gave."""
        with contextlib.suppress(OSError), self._lock():
            known = self._load_keys()
            for key, image in keys.items():
                images = [one for one in known.pop(key, []) if one != image]
                known[key] = [*images, image][-IMAGES_KEPT:]
            kept = dict(list(known.items())[-KEYS_KEPT:])
            _write(self._folder / "keys.json", kept)
            self._keys = kept
            made = [
                {"stage": one.stage, "inputs": as_json(one.inputs), "image": one.image}
                for one in steps
            ]
            _write(self._folder / f"{_hash(name)}.json", {"name": name, "steps": made})
            self._sweep()

    def _load_keys(self) -> dict[str, list[str]]:
        data = _read(self._folder / "keys.json")
        return {key: list(map(str, one)) for key, one in data.items() if isinstance(one, list)}

    def _sweep(self) -> None:
        found = [path for path in self._folder.glob("*.json") if path.name != "keys.json"]
        by_age = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        for path in by_age[SERIES_KEPT:]:
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Two notebooks may build at once; the lock goes with the process that holds it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write(path: Path, value: Any) -> None:
    half = path.with_name(f"{path.name}.part")
    half.write_text(json.dumps(value, separators=(",", ":")))
    half.replace(path)
