"""``--chown``: names of users and groups looked up in the image's own files."""

from __future__ import annotations

from collections.abc import Callable

from dockerlab.engine.errors import ServerError

Read = Callable[[str], bytes]

_LARGEST = (1 << 32) - 1
"""As the kernel keeps ids; Docker cuts what is larger."""

_FAILED = "unable to convert uid/gid chown string to host mapping: "


def owner_of(text: str, read: Read) -> tuple[int, int]:
    """The ids of ``user`` or ``user:group``; without a group, the one of the user's name.

    ``read`` gives the bytes of a file of the image. Raises ServerError in Docker's words.
    """
    user, _, group = text.partition(":")
    if text.count(":") > 1 or not user:
        raise ServerError(f"{_FAILED}invalid chown string format: {text[:80]}")
    return (
        _id(user, "user", "uid", read("etc/passwd")),
        _id(group or user, "group", "gid", read("etc/group")),
    )


def _id(name: str, what: str, which: str, table: bytes) -> int:
    if name.isascii() and name.isdigit() and len(name) < 19:
        return int(name) & _LARGEST
    for line in table.decode(errors="replace").splitlines():
        fields = line.strip().split(":")
        if len(fields) > 2 and fields[0] == name and fields[2][:18].isdecimal():
            return int(fields[2][:18]) & _LARGEST
    raise ServerError(
        f"{_FAILED}can't find {which} for {what} {name[:80]}: no such {what}: {name[:80]}",
        f"Make the {what} in a RUN before, take one that the image has, or give a number.",
    )
