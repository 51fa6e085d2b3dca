"""Namespaces of the kind that a grader makes around an engine."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from dockerlab.engine.run import kernel

FIRST = 300_000
"""The first of the ids that are a box's own."""

_INIT = """
import os, sys, time
from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.run import kernel
kernel.unshare(kernel.CLONE_NEWUSER)
print("unshared", flush=True)
sys.stdin.readline()
os.setresgid(0, 0, 0)
os.setresuid(0, 0, 0)
kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWPID)
if os.fork():
    os.wait()
    os._exit(0)
kernel.die_with_parent(9)
kernel.make_private()
kernel.attach(kernel.new_mount("proc"), "/proc")
tmpfs = kernel.new_mount("tmpfs", 0, [("size", "64m"), ("mode", "755")])
kernel.attach(tmpfs, sys.argv[1])
os.mkdir(sys.argv[1] + "/library")
netlink.link_up("lo")
print("ready", flush=True)
while True:
    try:
        os.wait()
    except ChildProcessError:
        time.sleep(0.02)
"""
_IDMAP, _RDONLY, _EMPTY_PATH = 0x00100000, 0x1, 0x1000
_MOUNT_SETATTR = 442
_libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def box(folder: Path, library: Path, ids: int = 65536) -> Iterator[dict[str, int]]:
    """Descriptors of user, mount, network and pid namespaces that end with the block.

    Its root has ``ids`` ids; at ``folder`` is a tmpfs of 64 MB; its network is ``lo``. Needs
    root. ``library``, a folder of the host's root's, shows at ``folder``/library, as its own
    root's and read-only.
    """
    words = [sys.executable, "-c", _INIT, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as outer, contextlib.ExitStack() as stack:
        stack.callback(outer.kill)
        _expect(outer, "unshared")
        for kind in ("uid", "gid"):
            Path(f"/proc/{outer.pid}/{kind}_map").write_text(f"0 {FIRST} {ids}")
        print(file=outer.stdin, flush=True)
        _expect(outer, "ready")
        init = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().strip()
        kinds = ("user", "mnt", "net", "pid")
        held = {kind: os.open(f"/proc/{init}/ns/{kind}", os.O_RDONLY) for kind in kinds}
        for descriptor in held.values():
            stack.callback(os.close, descriptor)
        _lend(library, folder / "library", held)
        yield held


def _expect(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == line + "\n"


def _lend(library: Path, target: Path, namespaces: dict[str, int]) -> None:
    """Mount the folder in the box so that its root's files are the box's root's."""
    mount = kernel.clone_mount(str(library))
    wanted = struct.pack("=QQQQ", _IDMAP | _RDONLY, 0, 0, namespaces["user"])
    if _libc.syscall(_MOUNT_SETATTR, mount, b"", _EMPTY_PATH, wanted, len(wanted)):
        raise OSError(ctypes.get_errno(), "mount_setattr")

    def attach() -> None:
        kernel.setns(namespaces["mnt"], kernel.CLONE_NEWNS)
        kernel.attach(mount, str(target))

    _in_child(attach)
    os.close(mount)


def _in_child(work: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        except OSError as error:
            os.write(2, f"{error}\n".encode())
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
