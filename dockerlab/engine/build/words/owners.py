"""``--chown``: names of users and groups looked up in the image's own files."""

from __future__ import annotations

from collections.abc import Callable

from dockerlab.engine.errors import ServerError

Read = Callable[[str], bytes]

_FAILED = "unable to convert uid/gid chown string to host mapping: "


def owner_of(text: str, read: Read) -> tuple[int, int]:
    """The ids of ``user`` or ``user:group``; without a group, the one of the user's name.

    ``read`` gives the bytes of a file of the image. Raises ServerError in Docker's words.
    """
    user, _, group = text.partition(":")
    if text.count(":") > 1 or not user:
        raise ServerError(f"{_FAILED}invalid chown string format: {text}")
    return (
        _id(user, "user", "uid", read("etc/passwd")),
        _id(group or user, "group", "gid", read("etc/group")),
    )


def _id(name: str, what: str, which: str, table: bytes) -> int:
    if name.isascii() and name.isdigit():
        return int(name)
    for line in table.decode(errors="replace").splitlines():
        fields = line.strip().split(":")
        if len(fields) > 2 and fields[0] == name and fields[2].isdigit():
            return int(fields[2])
    raise ServerError(
        f"{_FAILED}can't find {which} for {what} {name}: no such {what}: {name}",
        f"Make the {what} in a RUN before, take one that the image has, or give a number.",
    )
