"""The first process of a box: starts the student's side, measures what is used, ends what is too
much, and makes sockets in the box's network for the grader. Its end is the end of everything.

It is spoken with on two SOCK_SEQPACKET sockets. On ``control`` the grader says, in JSON,
``engine`` (it is ready now), ``files`` (with a tar of them for the work folder), ``student`` (with
the channel for cells and the pipe for output), ``stop``, ``go``, ``interrupt`` and ``kill``, and
hears events: ``ready``, ``filled``, ``stopped``, ``gone`` (how the student's process ended),
``cleared`` (so have all of the student's side), ``over`` (which limit) and ``failed``. On ``pages``
each byte is answered by an unconnected TCP socket.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import tarfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from dockerlab.engine.run import kernel
from dockerlab.grading.classroom.sandbox.inside import calls, meter, places, student
from dockerlab.grading.classroom.sandbox.inside.namespaces import ENGINE_PROCESSES, Ids
from dockerlab.grading.classroom.seam import Limits

_EVERY = 0.1
"""Seconds between two looks at what is used."""
_PACKET = 1 << 16
_RESERVE = 64 << 20
"""Bytes and (a thousandth of it) files that an engine gets when a submission has filled all:
the grader still wants to look."""
_BUSY = 0.1
"""What part of all processor time makes a container one that is ended for it."""
_CONTAINERS_ENDED = 5
"""So many containers that used too much are ended before their submission is."""


@dataclass
class Holder:
    """Serves until the grader closes its end."""

    control: socket.socket
    pages: socket.socket
    limits: Limits
    ids: Ids
    cgroups: tuple[int, ...] = ()
    """Where a pid is written to put its process into the box's cgroups."""
    _student: int = 0
    _life: int = -1
    """Readable when the student's side has ended, all of it."""
    _guard: socket.socket | None = None
    _namespace: str = ""
    _ended: int = 0
    _said: set[str] = field(default_factory=set)

    def serve(self) -> None:
        due = 0.0
        while True:
            ready = select.select(self._sources(), [], [], _EVERY)[0]
            self._reap()
            if self.control in ready and not self._obey():
                return
            if self.pages in ready:
                make_socket(self.pages)
            if self._guard is not None and self._guard in ready:
                self._hear()
            if time.monotonic() >= due:
                self._measure()
                due = time.monotonic() + _EVERY

    def _sources(self) -> list[socket.socket | int]:
        sources: list[socket.socket | int] = [self.control, self.pages]
        if self._guard is not None:
            sources.append(self._guard)
        if self._life >= 0:
            sources.append(self._life)
        return sources

    def say(self, event: str, descriptors: tuple[int, ...] = (), **facts: Any) -> None:
        say(self.control, event, descriptors, **facts)

    # ---- what the grader asks for

    def _obey(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, _PACKET, 4)
        if not data:
            return False
        order = json.loads(data)["do"]
        if order == "student":
            self._start(socket.socket(fileno=descriptors[0]), descriptors[1])
        elif order == "engine":
            os.chmod(places.SOCKET, 0o666)  # the student is another user
            self._gather()
        elif order == "files":
            unpack(descriptors[0], self.ids.student)
            self.say("filled")
        elif order == "kill":
            self._kill()
        elif order == "interrupt":
            self._order(student.INTERRUPT)
        else:
            self._order(student.STOP if order == "stop" else student.GO)
        return True

    def _start(self, channel: socket.socket, output: int) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        task = student.Task(channel, output, self.limits)
        pid = kernel.clone(kernel.CLONE_NEWPID)
        if pid == 0:
            _try(lambda: student.be_first(theirs, task, self.ids))
        theirs.close()
        channel.close()
        os.close(output)
        self._student, self._guard = pid, ours
        self._life = os.pidfd_open(pid)
        self._namespace = meter.namespace(pid)

    def _gather(self) -> None:
        """Have the engine's processes, which come from elsewhere, in the box's cgroups, too."""
        for name in filter(str.isdecimal, os.listdir("/proc")):
            for entrance in self.cgroups:
                with contextlib.suppress(OSError):  # it has ended
                    os.write(entrance, name.encode())

    def _order(self, order: bytes) -> None:
        if self._guard is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._guard.send(order)

    def _hear(self) -> None:
        assert self._guard is not None
        try:
            said = self._guard.recv(64)
        except ConnectionResetError:  # it was ended before it had heard all
            said = b""
        if said == student.STOP:
            self.say("stopped")
        elif said.startswith(student.ENDED):
            self.say("gone", code=int(said[1:]))
        elif not said:
            self._forget()  # its processes are ending

    def _kill(self) -> None:
        if self._student:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._student, signal.SIGKILL)
        else:
            self.say("cleared")

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._student:
                    self._student = 0
                    os.close(self._life)
                    self._life = -1
                    self._forget()
                    self.say("cleared")

    def _forget(self) -> None:
        if self._guard is not None:
            self._guard.close()
            self._guard = None

    # ---- what is used

    def _measure(self) -> None:
        reading = meter.read()
        self._check_space()
        if reading.cpu > self.limits.cpu_seconds:
            self._over("cpu", f"{reading.cpu:.0f} seconds of processor time")
            self._end_busy(reading)
        if reading.resident > self.limits.memory and reading.memory > self.limits.memory:
            self._end_largest(reading, "memory")
        if self._too_many(reading):
            self._end_largest(reading, "pids")

    def _too_many(self, reading: meter.Reading) -> bool:
        """Near the limit counts: whoever is at it makes new processes as fast as others end."""
        mine = reading.groups.get(self._namespace, meter.Group()).threads
        most = self.limits.pids
        return mine > most - 5 or reading.threads > most + ENGINE_PROCESSES - 16

    def _check_space(self) -> None:
        space = os.statvfs(places.STORE)
        if space.f_bfree * space.f_bsize < 1 << 20 and self._over("disk", "all space is used"):
            calls.resize(places.STORE, f"size={self.limits.disk + _RESERVE}")
        if space.f_ffree < 16 and self._over("files", f"{self.limits.files} files"):
            calls.resize(places.STORE, f"nr_inodes={self.limits.files + _RESERVE // 1000}")

    def _end_largest(self, reading: meter.Reading, limit: str) -> None:
        """End what uses most of it: the student's processes, or those of one container."""
        groups = _submitted(reading)
        if not groups:
            return
        size = {n: g.threads if limit == "pids" else g.resident for n, g in groups.items()}
        largest = max(groups, key=lambda name: size[name])
        self._ended += 1
        if largest != self._namespace:
            _end(groups[largest])
        if largest == self._namespace or self._ended > _CONTAINERS_ENDED:
            self._over(limit, f"{size[largest]} of {getattr(self.limits, limit)}")

    def _end_busy(self, reading: meter.Reading) -> None:
        """Containers that used most of it would go on beside the grader and other boxes."""
        for group in _submitted(reading).values():
            if group.cpu > self.limits.cpu_seconds * _BUSY:
                _end(group)

    def _over(self, limit: str, detail: str) -> bool:
        """End the student's side; whether this is the first time for that limit."""
        if limit in self._said:
            return False
        self._said.add(limit)
        self.say("over", limit=limit, detail=detail)
        self._kill()
        return True


def _submitted(reading: meter.Reading) -> dict[str, meter.Group]:
    """All groups but the box's own, with the engine."""
    own = meter.namespace(os.getpid())
    return {name: group for name, group in reading.groups.items() if name not in (own, "")}


def _end(group: meter.Group) -> None:
    for pid in group.pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def say(
    control: socket.socket, event: str, descriptors: tuple[int, ...] = (), **facts: Any
) -> None:
    """Tell the grader, if it is still there."""
    data = json.dumps({"event": event, **facts}).encode()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        socket.send_fds(control, [data], list(descriptors))


def make_socket(pages: socket.socket) -> None:
    """Answer one byte of the grader's with a socket of this network."""
    if not pages.recv(1):
        return
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        socket.send_fds(pages, [b"s"], [made.fileno()])


def hold(holder: Holder, shown: places.Shown, cgroups: Mapping[str, str]) -> NoReturn:
    """Be the first process of a box, in its new pid namespace.

    ``shown``: of the machine's; ``cgroups``: folders by hierarchy.
    """

    def work() -> None:
        limits, ids = holder.limits, holder.ids
        places.build_for_engine(limits.disk, limits.files, ids.student, shown, cgroups)
        holder.say("ready", _handles())
        holder.serve()
        os._exit(0)

    _try(work, holder)


def _handles() -> tuple[int, ...]:
    """For the grader: this process, its namespaces for the engine, and two folders."""
    names = ("user", "mnt", "net", "pid")
    spaces = [os.open(f"/proc/self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in names]
    engine = os.open(places.ENGINE, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    return (os.pidfd_open(os.getpid()), *spaces, places.look(), engine)


def unpack(files: int, owner: int, shared: int = 0) -> None:
    """The tar is the grader's own, of files and folders only. ``shared``: more mode bits."""
    with open(files, "rb") as file, tarfile.open(fileobj=file) as tar:
        tar.extraction_filter = _as_it_is
        for member in tar:
            member.uid = member.gid = owner
            member.uname = member.gname = ""
            runs = member.isdir() or member.mode & 0o100
            member.mode = (0o755 if runs else 0o644) | shared
            tar.extract(member, places.WORK, numeric_owner=True)


def _as_it_is(member: tarfile.TarInfo, _: str) -> tarfile.TarInfo:
    """Newer Pythons else leave out whose a file is."""
    return member


def _try(work: Any, holder: Holder | None = None) -> NoReturn:
    try:
        work()
    except BaseException as error:
        if holder is not None:
            holder.say("failed", error=f"{type(error).__name__}: {error}")
        else:
            sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)
