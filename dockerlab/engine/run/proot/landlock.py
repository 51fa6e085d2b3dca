"""Landlock: the kernel itself keeps a process to the folders it is given. Needs no privilege.

PRoot only rewrites paths; a program that tricks it (racing threads, a call it does not know)
would be on the host. Under Landlock it still could not write or read outside its folders,
nor look into processes outside, nor (from Linux 6.12) signal them. Also makes read-only
mounts read-only.

What it does not cover: names and times of files (stat, chmod, utime) outside.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from dockerlab.engine.run import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_LEAST = 2
"""The first version that allows renames across folders."""

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
MAKE_SOCKET = 1 << 9
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_ALL = {2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_SCOPES = 3
"""Abstract unix sockets and signals."""

READ = EXECUTE | READ_FILE | READ_DIR
WRITE = (1 << 16) - 1

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be done at and below ``path``."""

    path: str
    access: int = WRITE


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none (or too old a one)."""
    found = int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1)))
    return found if found >= _LEAST else 0


def ruleset(rules: Iterable[Rule]) -> int:
    """A descriptor of what may be done, for restrict; to be closed by the caller.

    Paths that do not exist now are left out. Raises OSError.
    """
    known = version()
    handled = _ALL.get(known, WRITE)
    words = struct.pack("QQQ", handled, 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    descriptor = _call(_CREATE, "landlock ruleset", words, ctypes.c_size_t(size), ctypes.c_uint(0))
    try:
        for rule in rules:
            _add(descriptor, rule, handled)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def restrict(descriptor: int) -> None:
    """Keep this thread, and what it starts, to a ruleset for good. Raises OSError."""
    kernel.no_new_privileges()
    _call(_RESTRICT, "landlock restrict", ctypes.c_int(descriptor), ctypes.c_uint(0))


def _add(ruleset: int, rule: Rule, handled: int) -> None:
    try:
        descriptor = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access = rule.access & handled
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL
        words = struct.pack("=Qi", access, descriptor)
        _call(_ADD_RULE, rule.path, ctypes.c_int(ruleset), ctypes.c_int(1), words, ctypes.c_uint(0))
    finally:
        os.close(descriptor)


def _call(number: int, what: str, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result
