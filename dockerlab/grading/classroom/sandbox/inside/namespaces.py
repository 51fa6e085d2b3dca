"""The namespaces of a box: whose ids are seen in it, and what it shares with nobody.

There are two user namespaces, one in the other. The kernel counts the processes of the inner one
together, whoever in it they belong to, and the limit for that is the one its maker had: so the
number of processes of a whole box is limited, without any cgroup.

Even where the grader is the machine's root, nobody in a box is: a privileged container of the
box's engine could otherwise mount the machine's disk.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.run import kernel

_FIRST, _COUNT = 0x6F000000, 65536
"""Ids of nobody on this machine: above those that accounts and containers usually get."""
_LOTS = 4096
"""So many times as many ids are above. The kernel counts some things of all that belongs to one
id together, such as descriptors on their way from one process to another."""
TURNS = 2
"""So many boxes a grader has at a time: one in use, one that is being made."""
ENGINE_PROCESSES = 96
"""So many processes and threads are left to the engine beside what a submission may have."""
_MOST = {
    "inotify_instances": 24,
    "inotify_watches": 8192,
    "fanotify_groups": 8,
    "fanotify_marks": 1024,
    "net_namespaces": 128,
}
"""Of what the kernel counts by whoever made the first namespace: all boxes, and all other programs
of the grader's user, have one limit together (root's is 128 ``inotify_instances``)."""


@dataclass(frozen=True)
class Ids:
    """What id 0 of a box is outside, and how many ids there are in it."""

    uid: int
    gid: int
    count: int

    @property
    def student(self) -> int:
        """The student's id in the box: another than its root's, where there are several."""
        return 1000 if self.count > 1 else 0


def ids(grader: int, turn: int) -> Ids:
    """For the boxes of a grader (its pid), other ids for each grader and turn: root lends some that
    belong to nobody, others have only their own (also who is root in a container, where those ids
    do not exist)."""
    if os.geteuid() == 0 and _exist("uid") and _exist("gid"):
        first = _FIRST + (grader * TURNS + turn) % _LOTS * _COUNT
        return Ids(first, first, _COUNT)
    return Ids(os.geteuid(), os.getegid(), 1)


def _exist(kind: str) -> bool:
    """Whether the ids that are lent are mapped in this process's user namespace."""
    rows = Path(f"/proc/self/{kind}_map").read_text().splitlines()
    ranges = [(int(first), int(count)) for first, _, count in map(str.split, rows)]
    return any(a <= _FIRST and a + count >= _FIRST + _LOTS * _COUNT for a, count in ranges)


def enter(ids: Ids, processes: int) -> None:
    """Move this process, which must have one thread, into new namespaces of every kind.

    The one for pids is the exception: it is for a child that is cloned into it. Raises OSError.
    """
    os.setsid()
    _become_root(ids)
    _limit()
    with _allowing(processes + ENGINE_PROCESSES):
        _become_root(Ids(0, 0, ids.count))
    new = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    kernel.unshare(new)
    kernel.make_private()
    kernel.sethostname("classroom")
    netlink.link_up("lo")


def _become_root(ids: Ids) -> None:
    new_user_namespace(0, ids)
    if ids.count > 1:
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    kernel.show()


def _limit() -> None:
    for name, most in _MOST.items():
        with suppress(FileNotFoundError):  # fanotify's are younger
            Path(f"/proc/sys/user/max_{name}").write_text(str(most))


@contextmanager
def _allowing(processes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    wanted = processes if hard == resource.RLIM_INFINITY else min(processes, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))


def new_user_namespace(first: int, ids: Ids) -> None:
    """Enter a user namespace in which the ids from ``first`` on are those that ``ids`` has here.

    Whoever has entered may map the own id only; more are mapped by a helper that stays outside.
    """
    if ids.count == 1:
        kernel.unshare(kernel.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        _map("self", first, ids)
        return
    told, tell = os.pipe()
    target = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(tell)
        _help(told, target, first, ids)
    os.close(told)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
        os.write(tell, b"x")
    finally:
        os.close(tell)
        status = os.waitpid(helper, 0)[1]
    if status:
        number = os.waitstatus_to_exitcode(status)
        raise OSError(number, f"map ids into a user namespace: {os.strerror(number)}")


def _help(told: int, target: int, first: int, ids: Ids) -> NoReturn:
    code = 0
    try:
        if os.read(told, 1):
            _map(str(target), first, ids)
    except OSError as error:
        code = error.errno or 1
    finally:
        os._exit(code)


def _map(process: str, first: int, ids: Ids) -> None:
    Path(f"/proc/{process}/uid_map").write_text(f"{first} {ids.uid} {ids.count}")
    Path(f"/proc/{process}/gid_map").write_text(f"{first} {ids.gid} {ids.count}")
