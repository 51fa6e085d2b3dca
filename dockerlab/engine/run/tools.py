"""Where PRoot is on this machine, and how to call it."""

from __future__ import annotations

import os
import shutil
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

_PT_INTERP = 3
_ELF64 = b"\x7fELF\x02\x01\x01"
_LARGEST = 32 << 20
_TALLOC = "libtalloc.so.2"


@dataclass(frozen=True, slots=True)
class ProotCommand:
    """``argv`` is what to put before PRoot's own options, ``path`` PRoot's own file."""

    path: str
    argv: tuple[str, ...]
    needs: tuple[str, ...] = ()
    """Files and folders besides the system's libraries that it reads."""


def tools_folder() -> Path:
    """Where the set-up unpacks the tools that the machine lacks."""
    return Path(sys.prefix) / "share" / "dockerlab" / "tools"


def find_proot() -> ProotCommand | None:
    """By $DOCKERLAB_PROOT, else in PATH, else in the tools folder."""
    named = os.environ.get("DOCKERLAB_PROOT") or shutil.which("proot")
    if named:
        path = os.path.realpath(named)
        return _command(path) if os.access(path, os.X_OK) else None
    path = str(tools_folder() / "usr" / "bin" / "proot")
    return _command(path) if os.access(path, os.X_OK) else None


def why_no_proot() -> str:
    """Why ``find_proot`` has none, and what to do."""
    named = os.environ.get("DOCKERLAB_PROOT")
    if named:
        return f"DOCKERLAB_PROOT is {named}, which is not an executable file."
    return (
        "PRoot is not installed: neither in PATH nor in the tools folder. "
        "Install the package 'proot', or run the set-up again."
    )


def _command(path: str) -> ProotCommand:
    """Through the dynamic loader if its library lies beside it.

    LD_LIBRARY_PATH would do too, but the programs in the containers would inherit it.
    """
    library = _library_beside(path)
    interpreter = interpreter_of(path)
    if library is None or interpreter is None:
        return ProotCommand(path, (path,), (path,))
    argv = (interpreter, "--library-path", library, path)
    return ProotCommand(path, argv, (path, library, interpreter))


def _library_beside(path: str) -> str | None:
    """The folder with libtalloc in the tree that ``…/usr/bin/proot`` was unpacked to."""
    top = Path(path).parent.parent
    if str(top) in ("/usr", "/usr/local", "/"):
        return None
    for library in (top / "lib").glob(f"**/{_TALLOC}"):
        return str(library.parent)
    return None


def loader_of(path: str) -> bytes:
    """The small program that PRoot starts every program with, out of PRoot's own file.

    It would unpack it to /tmp, which processes shut in a container cannot reach. Empty if it
    is not found.
    """
    with open(path, "rb") as file:
        data = file.read(_LARGEST)
    start = data.find(_ELF64, 1)
    if start < 0:
        return b""
    (table,) = struct.unpack_from("<Q", data, start + 40)
    size, count = struct.unpack_from("<HH", data, start + 58)
    end = start + table + size * count
    return data[start:end] if end <= len(data) else b""


def interpreter_of(path: str) -> str | None:
    """The dynamic loader that a 64-bit ELF program asks for; None for a static one."""
    try:
        with open(path, "rb") as file:
            head = file.read(64)
            if head[:5] != b"\x7fELF\x02":
                return None
            (start,) = struct.unpack_from("<Q", head, 32)
            size, count = struct.unpack_from("<HH", head, 54)
            file.seek(start)
            table = file.read(size * count)
            for offset in range(0, size * count, size):
                if struct.unpack_from("<I", table, offset)[0] == _PT_INTERP:
                    where, length = struct.unpack_from("<Q16xQ", table, offset + 8)
                    file.seek(where)
                    return os.fsdecode(file.read(min(length, 4096)).rstrip(b"\0"))
    except (OSError, ValueError, struct.error):
        pass  # not a program after all
    return None
