"""A build as a record: what each step was, whether the cache had it, and why not.

One record for all: the embedded engine says what it knows of each step, the client makes the
record of it or of Docker Engine's output, the views draw it and the checks read it.

``Inputs`` is what a step depends on; ``compare`` (in buildcache.py) makes a ``Reason`` of two of
them. Everything here becomes JSON by ``as_json`` and comes back by ``from_json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What became of a step."""

    PENDING = "pending"
    RUNNING = "running"
    CACHED = "cached"
    RAN = "ran"
    FAILED = "failed"


class Cause(StrEnum):
    """Why the cache could not be used for a step."""

    FIRST = "first"
    """Nothing like it was built before."""
    INSTRUCTION = "instruction"
    """The instruction reads differently: ``before`` and ``after``."""
    FILES = "files"
    """Files that it copies are others: ``changed``, ``added``, ``removed``."""
    ARGUMENT = "argument"
    """A build argument has another value: ``name``, ``before``, ``after``."""
    PARENT = "parent"
    """A step above was not cached: ``step`` is its number."""
    BASE = "base"
    """The base image is another one: ``before``, ``after``."""
    STAGE = "stage"
    """The stage or image that it copies from is another one: ``name``."""
    NO_CACHE = "no-cache"
    """No cache was asked for."""
    GONE = "gone"
    """It was built before, but the image of it is removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a step missed the cache; which fields are filled, ``Cause`` says."""

    cause: Cause
    before: str = ""
    after: str = ""
    name: str = ""
    step: int = 0
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a step's cache key is made of, besides the key of the step above.

    ``instruction`` is the instruction as it counts (variables put in where Docker does so);
    ``arguments`` the build arguments that count for it; ``files`` path in the context → digest of
    content and metadata that count; ``base`` the image a FROM or a ``--from`` means.
    """

    instruction: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a build. ``number`` counts from 1 over all stages, as ``Step 3/7`` does."""

    number: int
    instruction: str
    line: int = 0
    """In the Dockerfile, from 1; 0 for a step that is not written there (ONBUILD, --label)."""
    stage: str = ""
    """Name or number of its stage."""
    status: Status = Status.PENDING
    reason: Reason | None = None
    """Of a miss: set for ``ran`` and ``failed`` steps, as far as it is known."""
    seconds: float = 0.0
    started: float = 0.0
    """Seconds since the build began."""
    added: int = 0
    """Bytes that its layer holds."""
    container: str = ""
    """Short id of the temporary container, if it had one."""
    image: str = ""
    """Id of the image after this step (short where the engine tells no more)."""
    layer: str = ""
    """Digest of the layer that it made; empty if it made none."""
    log: str = ""
    """What it printed, colours left out."""
    exit_code: int | None = None

    @property
    def keyword(self) -> str:
        return self.instruction.split(None, 1)[0].upper() if self.instruction else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTrace:
    """A whole build. ``image`` is empty while it runs and when it failed."""

    steps: tuple[Step, ...] = ()
    image: str = ""
    tags: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
    """What went wrong, in the engine's words."""
    error_line: int = 0
    dockerfile: str = ""
    """The Dockerfile's text, for views that show it."""
    builder: str = "classic"
    """``classic`` or ``buildkit``."""

    @property
    def hits(self) -> int:
        return sum(step.status is Status.CACHED for step in self.steps)

    @property
    def misses(self) -> int:
        return sum(step.status in (Status.RAN, Status.FAILED) for step in self.steps)

    @property
    def failed(self) -> Step | None:
        return next((step for step in self.steps if step.status is Status.FAILED), None)
