"""The structures that Compose decodes a file into: which keys, in which order, of which kind.

A kind turns a value of the tree into the value that is written; an ``Out`` says which of the two
writings is wanted, since they differ here and there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dockerlab.formats.composefile.encoding.shellwords import words
from dockerlab.formats.composefile.encoding.values import (
    ValueProblem,
    duration,
    float32,
    nanoseconds,
    printed,
    size,
)
from dockerlab.formats.composefile.text.findings import fail_in
from dockerlab.formats.composefile.text.tree import Path


class Out(Enum):
    JSON = "json"
    YAML = "yaml"


Kind = Callable[[Any, Out], Any]

FULL = "full"  # when it is not empty, 0 or false
SET = "set"  # when something is said, be it empty
NULLABLE = "nullable"  # the same in YAML; JSON has null where nothing is said
PLAIN = "plain"  # when it is not empty in YAML, always in JSON
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Field:
    """A key, and one of the words above for when it is written."""

    name: str
    kind: Kind
    when: str = FULL


class ShapeProblem(ValueError):
    """A value that does not fit, and where it is below the value that was asked for."""

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self.path = path


def text(value: Any, out: Out) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueProblem(f"expected a text, got {printed(value)}")


def flag(value: Any, out: Out) -> bool:
    if isinstance(value, str):
        word = value.lower()
        if word in ("true", "y", "yes", "on"):
            return True
        if word in ("false", "n", "no", "off"):
            return False
        raise ValueProblem(f"invalid boolean: {value}")
    if isinstance(value, bool) or value is None:
        return bool(value)
    raise ValueProblem(f"expected true or false, got {printed(value)}")


def integer(value: Any, out: Out) -> int:
    if value is None:
        return 0
    if isinstance(value, str):
        try:
            return int(value) if len(value) < 20 else _not_whole(value)
        except ValueError:
            return _not_whole(value)
    if isinstance(value, float):
        return int(value) if abs(value) < 2**63 else _not_whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _not_whole(value)


def _not_whole(value: Any) -> int:
    raise ValueProblem(f"expected a whole number, got {printed(value)}")


def natural(value: Any, out: Out) -> int:
    number = integer(value, out)
    if number < 0:
        raise ValueProblem(f"expected a number that is not negative, got {number}")
    return number


def real(value: Any, out: Out) -> int | float:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueProblem(f"expected a number, got {printed(value)}")
    try:
        number = float32(float(value))
    except ValueError:
        raise ValueProblem(f"expected a number, got {printed(value)}") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueProblem(f"expected a number, got {printed(value)}")
    return int(number) if number.is_integer() else number


def size_text(value: Any, out: Out) -> str:
    number = size(value)
    return str(number) if number else ""


def time(value: Any, out: Out) -> str:
    return duration(nanoseconds(printed(value)))


def time_or_nothing(value: Any, out: Out) -> str:
    written = time(value, out)
    return "" if written == "0s" else written


def command(value: Any, out: Out) -> list[str] | None:
    """None (not said) and an empty list (take the image's away) are two things."""
    if isinstance(value, str):
        return words(value)
    return None if value is None else [str(word) for word in value]


def test(value: Any, out: Out) -> list[str]:
    if value is None:
        return []
    return ["CMD-SHELL", str(value)] if isinstance(value, str) else [str(word) for word in value]


def labels(value: Any, out: Out) -> dict[str, str]:
    pairs = _pairs(value)
    return {key: "" if one is None else printed(one) for key, one in sorted(pairs.items())}


def equals(value: Any, out: Out) -> dict[str, str | None]:
    pairs = _pairs(value)
    return {key: None if one is None else printed(one) for key, one in sorted(pairs.items())}


def _pairs(value: Any) -> dict[str, Any]:
    """``KEY=VALUE`` texts, or a mapping; a key alone has None."""
    if isinstance(value, dict):
        return {str(key): one for key, one in value.items()}
    pairs: dict[str, Any] = {}
    for item in value or ():
        key, sign, rest = printed(item).partition("=")
        pairs[key] = rest if sign else None
    return pairs


def hosts(value: Any, out: Out) -> list[str]:
    """``NAME=ADDRESS`` texts, in order."""
    found: dict[str, list[str]] = {}
    if isinstance(value, dict):
        for name, one in value.items():
            listed = one if isinstance(one, list) else ["" if one is None else one]
            found[str(name)] = [printed(address) for address in listed]
    else:
        for item in value or ():
            written = printed(item)
            sign = "=" if "=" in written else ":"
            name, there, addresses = written.partition(sign)
            if not there:
                raise ValueProblem(f"invalid additional host, missing IP: {written}")
            found.setdefault(name, []).extend(addresses.split(","))
    for name in found:
        if not name or ":" in name or "=" in name:
            raise ValueProblem(f"bad host name '{name}'")
    return sorted(f"{name}={_bare(one)}" for name, listed in found.items() for one in listed)


def _bare(address: str) -> str:
    bracketed = len(address) > 2 and address.startswith("[") and address.endswith("]")
    return address[1:-1] if bracketed else address


def count(value: Any, out: Out) -> int:
    if isinstance(value, str) and value.lower() == "all":
        return -1
    return integer(value, out)


def texts(value: Any, out: Out) -> list[str]:
    if isinstance(value, str):
        return [str(value)]
    return [text(one, out) for one in value or ()]


def printed_texts(value: Any, out: Out) -> list[str]:
    return [str(value)] if isinstance(value, str) else [printed(one) for one in value or ()]


def env_file(value: Any, out: Out) -> Any:
    if value.get("required"):
        return str(value["path"])
    written = {"path": str(value["path"]), "required": False}
    if out is Out.JSON and value.get("format"):
        written["format"] = str(value["format"])
    return written


def ulimit(value: Any, out: Out) -> Any:
    if not isinstance(value, dict):
        return integer(value, out)
    soft, hard = integer(value.get("soft"), out), integer(value.get("hard"), out)
    if out is Out.YAML:
        return {"soft": soft, "hard": hard}
    return {name: one for name, one in (("soft", soft), ("hard", hard)) if one}


def ssh(value: Any, out: Out) -> list[str]:
    return [key if not path else f"{key}: {printed(path)}" for key, path in sorted(value.items())]


def listed(kind: Kind) -> Kind:
    def write(value: Any, out: Out) -> list[Any]:
        return [_below(str(index), kind, one, out) for index, one in enumerate(value or ())]

    return write


def mapped(kind: Kind) -> Kind:
    def write(value: Any, out: Out) -> dict[str, Any]:
        return {
            str(key): _below(str(key), kind, one, out) for key, one in sorted((value or {}).items())
        }

    return write


def or_null(kind: Kind) -> Kind:
    """For what is written as null where nothing is said about it."""

    def write(value: Any, out: Out) -> Any:
        return None if value is None else kind(value, out)

    return write


def structure(*fields: Field, own: bool = True) -> Kind:
    """A mapping with these keys, in this order. ``own`` keys (``x-…``) go to YAML only."""

    def write(value: Any, out: Out) -> dict[str, Any]:
        value = value or {}
        written = {}
        for field in fields:
            given = value.get(field.name)
            when = _WHEN.get((field.when, out), field.when)
            if given is None and when != ALWAYS:
                continue
            one = _below(field.name, field.kind, given, out)
            if when != FULL or (one is not None and one not in ("", 0, [], {})):
                written[field.name] = one
        if own and out is Out.YAML:
            written |= plain({key: one for key, one in value.items() if key.startswith("x-")})
        return written

    return write


_WHEN = {
    (NULLABLE, Out.JSON): ALWAYS,
    (NULLABLE, Out.YAML): SET,
    (PLAIN, Out.JSON): ALWAYS,
    (PLAIN, Out.YAML): FULL,
}


def plain(tree: Any) -> Any:
    """A tree without what it knows of its places."""
    if isinstance(tree, dict):
        return {str(key): plain(value) for key, value in sorted(tree.items())}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return str(tree) if isinstance(tree, str) else tree


def _below(name: str, kind: Kind, value: Any, out: Out) -> Any:
    try:
        return kind(value, out)
    except ShapeProblem as problem:
        raise ShapeProblem(str(problem), (name, *problem.path)) from None
    except ValueProblem as problem:
        raise ShapeProblem(str(problem), (name,)) from None


def write(kind: Kind, value: Any, out: Out, path: Path, root: Any) -> Any:
    """What a kind makes of a value; a value that does not fit is an error at its place."""
    try:
        return kind(value, out)
    except ShapeProblem as problem:
        fail_in(root, (*path, *problem.path), str(problem))
    except ValueProblem as problem:
        fail_in(root, path, str(problem))
