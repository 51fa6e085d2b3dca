"""The first process of a box's container: ``python -m`` this, as root of the container.

It meets the grader in the folder ``layout.MEETING`` and is spoken with as ``sandbox``'s holder is
(see ``sandbox/inside/holder.py``). What is new: the first packet on ``control`` tells the limits
and the engine's arguments, with a tar of the work folder; ``ready`` comes when the engine answers,
with the folder of its socket; and ``pack`` asks for the work folder, on the pipe that comes along.
Its end is the end of everything in the container.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dockerlab.engine.run import proctree
from dockerlab.grading.classroom.dockerbox.inside import layout, packing, people, sharing
from dockerlab.grading.classroom.dockerbox.inside.guard import Guard, owner
from dockerlab.grading.classroom.dockerbox.inside.layout import Users
from dockerlab.grading.classroom.sandbox.inside import cells, holder, meter, places
from dockerlab.grading.classroom.sandbox.inside.namespaces import ENGINE_PROCESSES
from dockerlab.grading.classroom.sandbox.inside.student import Task
from dockerlab.grading.classroom.seam import Limits

_EVERY = 0.1
"""Seconds between two looks at what is used."""
_BUSY = 0.1
"""What part of all processor time makes a container's program one that is ended for it."""
_PACKET = 1 << 16
_ENGINE_SECONDS = 60.0


def main() -> None:
    os.umask(0o022)
    control, pages = _connect(), _connect()
    data, (files,), _, _ = socket.recv_fds(control, _PACKET, 1)
    request = json.loads(data)
    users = layout.new_users()
    first = First(control, pages, Limits(**request["limits"]), users)
    try:
        _make_places(users)
        holder.unpack(files, users.student, sharing.GROUP_BITS)
        first.prepare(request["engine"])
    except (OSError, TimeoutError) as error:
        first.say("failed", error=f"{type(error).__name__}: {error}")
        return
    first.serve()


def _connect() -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.connect(f"{layout.MEETING}/socket")
    return sock


def _make_places(users: Users) -> None:
    """Raises OSError."""
    _make(layout.ENGINE, users.engine, 0o700)
    _make(layout.SOCKETS, users.engine, 0o755)
    _make(layout.TMP, 0, 0o1777)
    for path in (places.HOME, places.WORK):
        _make(path, users.student, 0o755)
        sharing.share(path, users)
    for name, text in places.accounts(users.student).items():
        Path(layout.RUN, name).write_text(text)


def _make(path: str, user: int, mode: int) -> None:
    """It may be there already: where the machine's Python is somewhere below it."""
    os.makedirs(path, exist_ok=True)
    os.chown(path, user, user)
    os.chmod(path, mode)


@dataclass
class First:
    """Serves until the grader closes its end."""

    control: socket.socket
    pages: socket.socket
    limits: Limits
    users: Users
    _student: int = 0
    _spent: float = 0.0
    """Seconds of processor time before the student's process began."""
    _said: set[str] = field(default_factory=set)

    def prepare(self, arguments: list[str]) -> None:
        """Have all there that a submission needs. Raises TimeoutError."""
        self._guard = Guard(self.users)
        engine = people.start_engine(self.users, arguments)
        cells.warm_up()
        end = time.monotonic() + _ENGINE_SECONDS
        while not _answers():
            if os.waitpid(engine, os.WNOHANG)[0] or time.monotonic() > end:
                raise TimeoutError(f"its engine does not start. {_log()}".strip())
            time.sleep(0.01)
        os.chmod(layout.SOCKET, 0o666)  # the student is another user
        folder = os.open(layout.SOCKETS, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self.say("ready", (folder,))
        os.close(folder)

    def serve(self) -> None:
        ended = _wakened_by_ends()
        due = 0.0
        while True:
            ready = select.select([self.control, self.pages, ended], [], [], _EVERY)[0]
            if ended in ready:
                ended.recv(4096)
            self._reap()
            if self.control in ready and not self._obey():
                return
            if self.pages in ready:
                holder.make_socket(self.pages)
            if time.monotonic() >= due:
                self._measure()
                due = time.monotonic() + _EVERY

    def say(self, event: str, descriptors: tuple[int, ...] = (), **facts: Any) -> None:
        holder.say(self.control, event, descriptors, **facts)

    # ---- what the grader asks for

    def _obey(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, _PACKET, 4)
        if not data:
            return False
        order = json.loads(data)["do"]
        if order == "student":
            self._start(*descriptors)
        elif order == "stop":
            self._guard.signal(signal.SIGSTOP)
            self.say("stopped")
        elif order == "go":
            self._guard.signal(signal.SIGCONT)
        elif order == "interrupt":
            self._interrupt()
        elif order == "kill":
            self._kill()
        elif order == "pack":
            packing.pack(places.WORK, descriptors[0], self.limits.disk)
        return True

    def _start(self, channel: int, output: int) -> None:
        self._spent = meter.read(_user).cpu
        with socket.socket(fileno=channel) as sock:
            task = Task(sock, output, self.limits)
            self._student = people.start_student(self.users, task)
        os.close(output)

    def _interrupt(self) -> None:
        if self._student:
            os.kill(self._student, signal.SIGINT)

    def _kill(self) -> None:
        self._guard.end_all(self._reap)
        self.say("cleared")

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._student:
                    self._student = 0
                    self._tell_end(os.waitstatus_to_exitcode(ended[1]))

    def _tell_end(self, code: int) -> None:
        if code == -signal.SIGKILL and _ran_out_of_memory():
            self.say("over", limit="memory", detail="the container's memory is used")
        else:
            self.say("gone", code=code)

    # ---- what is used

    def _measure(self) -> None:
        if not self._student:
            return
        self._check_space()
        reading = meter.read(_user)
        spent = reading.cpu - self._spent
        if spent > self.limits.cpu_seconds:
            self._over("cpu", f"{spent:.0f} seconds of processor time")
            self._end_busy(_group(reading, self.users.engine))
        self._check_memory(reading)
        if self._too_many(reading):
            self._over("pids", f"{reading.threads} of {self.limits.pids}")

    def _end_busy(self, group: meter.Group) -> None:
        """Programs of containers that used most of it would go on beside the grader."""
        for pid in group.pids:
            if proctree.cpu_ns(pid) > self.limits.cpu_seconds * _BUSY * 1e9 and _is_contained(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _check_memory(self, reading: meter.Reading) -> None:
        groups = [_group(reading, user) for user in (self.users.student, self.users.engine)]
        most = self.limits.memory
        if sum(group.resident for group in groups) > most:
            used = sum(group.memory for group in groups)
            if used > most:
                self._over("memory", f"{used} of {most}")

    def _too_many(self, reading: meter.Reading) -> bool:
        """Near the limit counts: whoever is at it makes new processes as fast as others end."""
        mine = _group(reading, self.users.student).threads
        most = self.limits.pids
        return mine > most - 5 or reading.threads > most + ENGINE_PROCESSES - 16

    def _check_space(self) -> None:
        space = os.statvfs("/home")
        if (space.f_blocks - space.f_bfree) * space.f_bsize > self.limits.disk:
            self._over("disk", "all space is used")
        if space.f_files - space.f_ffree > self.limits.files:
            self._over("files", f"{self.limits.files} files")

    def _over(self, limit: str, detail: str) -> None:
        if limit not in self._said:
            self._said.add(limit)
            self.say("over", limit=limit, detail=detail)
            self._guard.end_all(self._reap)


def _wakened_by_ends() -> socket.socket:
    """Readable when a process has ended."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.detach(), warn_on_full_buffer=False)
    return woken


def _user(pid: int) -> str:
    return str(owner(pid))


def _is_contained(pid: int) -> bool:
    """Whether its program is a container's: their files are in the engine's folder."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe").startswith(f"{layout.ENGINE}/")
    return False


def _group(reading: meter.Reading, user: int) -> meter.Group:
    return reading.groups.get(str(user), meter.Group())


def _answers() -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(layout.SOCKET) == 0


def _log() -> str:
    with contextlib.suppress(OSError):
        return Path(layout.ENGINE, "engine.log").read_text(errors="replace")[-1000:]
    return ""


def _ran_out_of_memory() -> bool:
    """Whether the kernel has ended a process of this container for that."""
    for name in ("memory.events", "memory/memory.oom_control"):
        with contextlib.suppress(OSError):
            lines = Path("/sys/fs/cgroup", name).read_text().splitlines()
            return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)
    return False


if __name__ == "__main__":
    main()
