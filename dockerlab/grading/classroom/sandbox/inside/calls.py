"""The system calls of a sandbox that the engine's ``run/kernel.py`` has no need of."""

from __future__ import annotations

import ctypes
import os
import struct

MOUNT_NOSYMFOLLOW = 0x200000
_MOUNT_IDMAP = 0x100000
_MS_REMOUNT = 32
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_MOUNT_SETATTR, _AT_EMPTY_PATH, _AT_RECURSIVE = 442, 0x1000, 0x8000

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def keep_capabilities() -> None:
    """Let the next change from root to another user take none of those that are permitted."""
    _check(_libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0), "keep capabilities")


def pass_on(capability: int) -> None:
    """Have programs that this process executes hold a capability; it must be inheritable."""
    result = _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)
    _check(result, "pass a capability on")


def map_owners(mount: int, namespace: int) -> None:
    """Let the files of a detached mount belong to the ids of a user namespace (a descriptor).

    Needs the machine's root, and Linux 5.12 for most file systems.
    """
    request = struct.pack("=QQQQ", _MOUNT_IDMAP, 0, 0, namespace)
    result = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(mount),
        b"",
        ctypes.c_uint(_AT_EMPTY_PATH | _AT_RECURSIVE),
        request,
        ctypes.c_size_t(len(request)),
    )
    _check(result, "map the owners of a mount")


def resize(target: str, options: str) -> None:
    """Change the size of a tmpfs."""
    result = _libc.mount(None, os.fsencode(target), None, _MS_REMOUNT, options.encode())
    _check(result, f"resize {target}")
