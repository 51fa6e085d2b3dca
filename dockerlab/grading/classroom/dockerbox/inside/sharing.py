"""Folders in which the student's process and containers may write what the other one has made.

They are two users. Root of a container on Docker Engine may write to whatever is bound; here its
root is the engine's user, so each folder says that both may, and what is made in it inherits that.
Only who takes rights away (``chmod 700``) takes them from the other, too.
"""

from __future__ import annotations

import os
import struct

from dockerlab.grading.classroom.dockerbox.inside.layout import Users

GROUP_BITS = 0o020
"""Of the mode of a file or folder in there: the most that others than its owner may do."""
_VERSION = struct.pack("<I", 2)
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_ALL, _READ, _NOBODY = 7, 5, 0xFFFFFFFF


def share(folder: str, users: Users) -> None:
    """Raises OSError where the file system has no access control lists."""
    rules = _VERSION + b"".join(struct.pack("<HHI", *rule) for rule in _rules(users))
    for kind in ("access", "default"):
        os.setxattr(folder, f"system.posix_acl_{kind}", rules)


def _rules(users: Users) -> list[tuple[int, int, int]]:
    """An access control list as the kernel has it, users in order of their ids."""
    return [
        (_OWNER, _ALL, _NOBODY),
        *((_USER, _ALL, user) for user in sorted((users.student, users.engine))),
        (_GROUP, _READ, _NOBODY),
        (_MASK, _ALL, _NOBODY),
        (_OTHER, _READ, _NOBODY),
    ]
