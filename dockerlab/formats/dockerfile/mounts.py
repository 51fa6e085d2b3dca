"""``RUN --mount=type=cache,target=/root/.npm``: its options as a record."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile.instructions import Mount

TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")

_NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}
_COMMON = ("type", "target", "source", "id", "from", "readonly", "rw", "readwrite")
_OWNER = ("mode", "uid", "gid")
_KEYS = {
    "bind": (),
    "cache": ("sharing", *_OWNER),
    "secret": ("required", "env", *_OWNER),
    "ssh": ("required", *_OWNER),
    "tmpfs": ("size",),
}
_ALL_KEYS = sorted({*_COMMON, *_NAMES, *(key for keys in _KEYS.values() for key in keys)})
_SWITCHES = ("readonly", "rw", "readwrite", "required")
_SHARING = ("shared", "private", "locked")
_TRUE, _FALSE = ("1", "t", "T", "true", "True", "TRUE"), ("0", "f", "F", "false", "False", "FALSE")


def mount(text: str) -> Mount:
    """Read the value of one ``--mount``. Raises DockerfileError that names what is not known."""
    options = dict(_options(text))
    kind = options.pop("type", "bind").lower()
    if kind not in TYPES:
        raise DockerfileError(f'unsupported mount type "{kind}"', near(kind, TYPES))
    for key, value in options.items():
        _check_key(kind, key, value)
    readonly = _readonly(kind, options)
    required = _switch("required", options.pop("required", "false"))
    made = Mount(
        type=kind,
        target=options.pop("target", ""),
        source=options.pop("source", ""),
        from_=options.pop("from", ""),
        id=options.pop("id", ""),
        readonly=readonly,
        required=required,
        options=options,
    )
    _check(made)
    return made


def near(word: str, known: Iterable[str]) -> str:
    """A hint with the known words that look like a wrong one, or all of them."""
    names = list(known)
    found = difflib.get_close_matches(word, names, n=2, cutoff=0.6)
    if found:
        return f"Did you mean {' or '.join(found)}?"
    return f"Possible are {', '.join(names)}." if names else ""


def _options(text: str) -> Iterable[tuple[str, str]]:
    try:
        fields = next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        raise DockerfileError(f"failed to parse csv mounts: {error}") from None
    for field in fields:
        name, equals, value = field.partition("=")
        name = _NAMES.get(name.lower(), name.lower())
        if not equals and name not in _SWITCHES:
            raise DockerfileError(f"invalid field '{field}' must be a key=value pair")
        yield name, value if equals else "true"


def _check_key(kind: str, key: str, value: str) -> None:
    if key in _COMMON or key in _KEYS[kind]:
        return
    if key == "sharing":
        raise DockerfileError(f"invalid cache sharing set for {kind} mount")
    if any(key in keys for keys in _KEYS.values()):
        raise DockerfileError(f"unexpected key '{key}' for mount type '{kind}'")
    raise DockerfileError(f"unexpected key '{key}' in '{key}={value}'", near(key, _ALL_KEYS))


def _readonly(kind: str, options: dict[str, str]) -> bool:
    result = kind not in ("cache", "tmpfs")
    if "readonly" in options:
        result = _switch("readonly", options.pop("readonly"))
    for name in ("rw", "readwrite"):
        if name in options:
            result = not _switch(name, options.pop(name))
    return result


def _switch(name: str, value: str) -> bool:
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    raise DockerfileError(f"invalid value for {name}: {value}", "Write true or false.")


def _check(made: Mount) -> None:
    if made.type in ("bind", "cache", "tmpfs") and not made.target:
        raise DockerfileError(
            f"{made.type} mount needs a target", "Say where it appears: target=/path."
        )
    if made.type == "secret" and not (made.id or made.source or made.target):
        raise DockerfileError("invalid secret mount. one of source, target required")
    if made.type == "secret" and made.from_:
        raise DockerfileError("secret mount should not have a from")
    sharing = made.options.get("sharing", "shared")
    if "$" not in sharing and sharing.lower() not in _SHARING:
        raise DockerfileError(f'unsupported sharing value "{sharing}"', near(sharing, _SHARING))
    for name, base in (("mode", 8), ("uid", 10), ("gid", 10)):
        _check_number(name, made.options.get(name, "0"), base)


def _check_number(name: str, value: str, base: int) -> None:
    digits = "01234567" if base == 8 else "0123456789"
    if "$" not in value and not (value and set(value) <= set(digits)):
        raise DockerfileError(f"invalid value {value} for {name}")
