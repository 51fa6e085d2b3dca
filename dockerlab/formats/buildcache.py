"""Why a step missed the cache, and builds as JSON.

The engine keeps what went into each step, the client does so for Docker Engine, which tells no
reasons; both ask ``compare`` what differs. Three causes it cannot see, and leaves to who asks: a
step above missed (``PARENT``), no cache was wanted (``NO_CACHE``), and nothing differs but the
image of the step is removed (``GONE``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from dockerlab.errors import FormatError
from dockerlab.formats.buildtrace import BuildTrace, Cause, Inputs, Reason, Status, Step

_STAGE = re.compile(r"--from=(\S+)|\bfrom=([^\s,]+)")
_FILES_SHOWN = 200
"""Names of a reason: one may be drawn, ten thousand help nobody."""

Record = TypeVar("Record", Inputs, Reason, Step, BuildTrace)


def compare(before: Inputs | None, now: Inputs) -> Reason | None:
    """What made a step differ from the last time; None when nothing did.

    ``before`` is what the same step was made of then, None if there was no such step. A build
    argument goes before the instruction that its value stands in: the learner changed the one,
    and the other only followed.

    >>> compare(Inputs(instruction="RUN a"), Inputs(instruction="RUN b")).cause
    <Cause.INSTRUCTION: 'instruction'>
    """
    if before is None:
        return Reason(cause=Cause.FIRST)
    then, today = before.arguments, now.arguments
    changed = [name for name in today if then.get(name, today[name]) != today[name]]
    if changed:
        return _argument(before, now, changed[0])
    if before.instruction != now.instruction:
        return Reason(cause=Cause.INSTRUCTION, before=before.instruction, after=now.instruction)
    others = sorted(then.keys() ^ today.keys())
    if others:
        return _argument(before, now, others[0])
    if before.files != now.files:
        return _files(before, now)
    return _base(before, now) if before.base != now.base else None


def _argument(before: Inputs, now: Inputs, name: str) -> Reason:
    return Reason(
        cause=Cause.ARGUMENT,
        name=name,
        before=before.arguments.get(name, ""),
        after=now.arguments.get(name, ""),
    )


def _files(before: Inputs, now: Inputs) -> Reason:
    stage = _stage(now.instruction)
    common = before.files.keys() & now.files.keys()
    changed = (path for path in common if before.files[path] != now.files[path])
    return Reason(
        cause=Cause.STAGE if stage else Cause.FILES,
        name=stage,
        changed=_some(changed),
        added=_some(now.files.keys() - before.files.keys()),
        removed=_some(before.files.keys() - now.files.keys()),
    )


def _some(paths: Any) -> tuple[str, ...]:
    return tuple(sorted(paths)[:_FILES_SHOWN])


def _base(before: Inputs, now: Inputs) -> Reason:
    stage = _stage(now.instruction)
    return Reason(
        cause=Cause.STAGE if stage else Cause.BASE,
        name=stage,
        before=before.base,
        after=now.base,
    )


def _stage(instruction: str) -> str:
    """The stage or image that a COPY, or a mount of RUN, takes its files from."""
    if instruction[:4].upper() not in ("COPY", "RUN "):
        return ""
    match = _STAGE.search(instruction)
    return (match[1] or match[2]) if match else ""


# --- JSON ---


def as_json(record: Inputs | Reason | Step | BuildTrace) -> dict[str, Any]:
    """A record as JSON's own types; what has its default value is left out.

    >>> as_json(Reason(cause=Cause.PARENT, step=2))
    {'cause': 'parent', 'step': 2}
    """
    found = {}
    for item in fields(record):
        value = getattr(record, item.name)
        if item.default is MISSING or value != item.default:
            found[item.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Inputs | Reason | Step | BuildTrace):
        return as_json(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Status | Cause) else value


def from_json(kind: type[Record], data: Mapping[str, Any]) -> Record:
    """The record that ``as_json`` made; fields of a later version are passed over.

    FormatError if it is none.
    """
    try:
        known = {item.name for item in fields(kind)}
        return kind(**{name: _value(name, data[name]) for name in data if name in known})
    except (TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"this is no {kind.__name__}: {error}") from None


def _value(name: str, value: Any) -> Any:
    if name == "reason":
        return None if value is None else from_json(Reason, value)
    if name == "steps":
        return tuple(from_json(Step, step) for step in value)
    if name == "cause":
        return Cause(value)
    if name == "status":
        return Status(value)
    if name in ("arguments", "files"):
        return {str(key): str(item) for key, item in value.items()}
    return tuple(map(str, value)) if isinstance(value, list) else value
