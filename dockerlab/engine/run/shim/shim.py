"""The shim: the small process beside each container that outlives the engine.

It owns the container's first process, its pipes or terminal, its log and its exit code, and
answers on ``shim.sock`` (see shimserver.py). It is forked by the spawner, already imported, and
never blocks on anybody: an engine that goes away or stops reading does not disturb it.

Files in the container's folder::

    shim.json   {"pid", "start", "first", "first_start", "started_at", "boot"}; first is 0 until
                the first process was started. The starts (clock ticks since boot) and the boot
                id tell whether a pid still means the same process.
    exit.json   {"code", "finished_at", "oom_killed", "error"}, once it has ended
    log.jsonl   see logs.py
    shim.sock   while it runs
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

from dockerlab.engine.run import kernel, proctree
from dockerlab.engine.run.process import ContainerSpec, StartError, decode_container
from dockerlab.engine.run.shim.isolation import Factory, Isolation
from dockerlab.engine.run.shim.logwriter import LogWriter
from dockerlab.engine.run.shim.loop import READ, Loop
from dockerlab.engine.run.shim.shimserver import Server
from dockerlab.engine.run.shim.stdio import Ends, Input, Output, close_stdio, open_stdio
from dockerlab.engine.run.shim.terminal import resize

_REQUEST_TIMEOUT = 30.0
_LARGEST_REQUEST = 64 << 20
TITLE = "dockerlab-shim"
"""What ps shows, before the beginning of the container's id."""
_UNKNOWN = 255 << 8
"""The wait status of a process that ended we do not know how."""
_DRAIN = 2.0
"""Seconds to wait for output of processes that outlive the first one (no pid namespace)."""
_GOODBYE = 2.0
"""Seconds to wait for clients to take the news of the exit."""


class Shim:
    """One container, from its start to its exit."""

    def __init__(self, spec: ContainerSpec, isolation: Isolation) -> None:
        self.spec = spec
        self.isolation = isolation
        self.loop = Loop()
        self.started_at = 0.0
        self.pid = 0
        self._log = LogWriter(self._path("log.jsonl"))
        self._server = Server(self)
        self._outputs: list[Output] = []
        self._ends = Ends(-1, -1)
        self._terminal = -1
        self.input = Input(-1, self.loop, None)
        self._waiting: dict[int, Callable[[int], None]] = {}
        self._status: int | None = None

    def run(self, channel: socket.socket) -> None:
        """Start the container, tell the engine on ``channel``, and stay until it has ended."""
        self._watch_children()
        try:
            self._note_start()
            # First, so that an engine that comes back just now can wait here.
            self._server.listen(self._path("shim.sock"))
            self._start()
        except StartError as error:
            self._give_up(channel, error)
            return
        except OSError as error:
            self._give_up(channel, StartError(f"failed to create shim task: {error}: unknown", 128))
            return
        self.started_at = time.time()
        with contextlib.suppress(OSError):  # a full disk: it runs all the same
            self._note_start()
        self._server.greet(channel)
        for descriptor, call in self.isolation.descriptors().items():
            self._watch_isolation(descriptor, call)
        while self._status is None:
            self.loop.once()
        self._finish(self._status)

    def _watch_isolation(self, descriptor: int, call: Callable[[], None]) -> None:
        self.loop.watch(descriptor, READ, lambda events: self._serve_isolation(call))

    def expect(self, pid: int, ended: Callable[[int], None]) -> None:
        """Call ``ended`` with the exit code of a process that exec started."""
        self._waiting[pid] = ended

    def resize(self, rows: int, columns: int) -> None:
        if self.spec.process.tty:
            with contextlib.suppress(OSError):
                resize(self._ends.stdout, rows, columns)

    def _path(self, name: str) -> str:
        return os.path.join(self.spec.directory, name)

    # ---- start

    def _start(self) -> None:
        process = self.spec.process
        self._ends, stdio = open_stdio(process, self.isolation)
        try:
            self.pid = self.isolation.start(self.spec, stdio)
        except BaseException:
            close_stdio(stdio)
            raise
        if process.tty:
            # Kept until the end: with no slave open, the master would hang up in between.
            self._terminal = stdio.stdin
        else:
            close_stdio(stdio)
        self._connect_stdio()

    def _connect_stdio(self) -> None:
        poke = self._server.poke
        first = Output(self._ends.stdout, "stdout", self._log, self.loop, poke)
        self._outputs = [first]
        if self._ends.stderr >= 0:
            self._outputs.append(Output(self._ends.stderr, "stderr", self._log, self.loop, poke))
        terminal = first if self.spec.process.tty else None
        self.input = Input(self._ends.stdin, self.loop, terminal)

    def _note_start(self) -> None:
        note = {
            "pid": os.getpid(),
            "start": proctree.start_time(os.getpid()),
            "first": self.pid,
            "first_start": proctree.start_time(self.pid) if self.pid else 0,
            "started_at": self.started_at,
            "boot": boot_id(),
        }
        write_json(self._path("shim.json"), note)

    def _give_up(self, channel: socket.socket, error: StartError) -> None:
        self.isolation.kill()
        self.isolation.close()
        self._server.stop_listening()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path("shim.json"))
        answer(channel, {"error": error.message, "code": error.code})

    # ---- children

    def _watch_children(self) -> None:
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        self._wakeup = reader, writer
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGTERM, lambda number, frame: self.isolation.kill())
        self.loop.watch(reader.fileno(), READ, lambda events: self._reap())

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wakeup[0].recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                if self._status is None:  # reaped by somebody else, who knows how
                    self._status = _UNKNOWN
                return
            if pid == 0:
                return
            self._ended(pid, status)

    def _serve_isolation(self, call: Callable[[], None]) -> None:
        call()
        for pid in self.isolation.finished():
            self._ended(pid, 0)

    def _ended(self, pid: int, status: int) -> None:
        if pid == self.pid and self._status is None:
            self._status = status
        elif pid in self._waiting:
            self._waiting.pop(pid)(self.isolation.exit_code(pid, status))

    # ---- end

    def _finish(self, status: int) -> None:
        finished_at = time.time()
        code = self.isolation.exit_code(self.pid, status)
        self.isolation.kill()
        if self._terminal >= 0:
            os.close(self._terminal)
        self._drain()
        self._log.close()
        note = {
            "code": code,
            "finished_at": finished_at,
            "oom_killed": self.isolation.oom_killed(),
            "error": "",
        }
        with contextlib.suppress(OSError):  # a full disk: whoever listens is told all the same
            write_json(self._path("exit.json"), note)
        # Whoever hears of the end may start the container again at once: from then on the names
        # of socket and cgroup are no longer ours.
        self._server.stop_listening()
        self.isolation.close()
        self._server.announce(note)
        self._server.close(_GOODBYE)

    def _drain(self) -> None:
        """Read the rest of the output. Whoever was not ended by now does not get to block it."""
        deadline = time.monotonic() + _DRAIN
        while any(output.open for output in self._outputs) or self._waiting:
            left = deadline - time.monotonic()
            if left <= 0 or not self.loop.once(left):
                return


def run(channel: socket.socket, factory: Factory) -> NoReturn:
    """The forked shim's whole life. ``channel``: one line of JSON with the spec comes in."""
    status = 1
    try:
        _settle(channel)
        request = _receive(channel)
        spec = decode_container(request["spec"])
        kernel.set_title([TITLE, spec.id[:12]])
        _serve(spec, factory, request["options"], channel)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        text = "failed to create shim task: the shim failed (see engine.log): unknown"
        answer(channel, {"error": text, "code": 128})
    os._exit(status)


def _serve(
    spec: ContainerSpec, factory: Factory, options: dict[str, Any], channel: socket.socket
) -> None:
    for name in ("exit.json", "shim.sock"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(spec.directory, name))
    try:
        isolation = factory(spec, options)
    except OSError as error:
        text = f"failed to create shim task: {error}: unknown"
        answer(channel, {"error": text, "code": 128})
        return
    try:
        Shim(spec, isolation).run(channel)
    except BaseException:
        isolation.kill()  # nothing may run that nobody looks after
        isolation.close()
        raise


def _settle(channel: socket.socket) -> None:
    """Become a process of its own, that has nothing of the spawner's."""
    os.setsid()
    kernel.close_others([channel.fileno()])
    kernel.become_subreaper()
    os.chdir("/")
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)


def _receive(channel: socket.socket) -> dict[str, Any]:
    channel.settimeout(_REQUEST_TIMEOUT)
    data = bytearray()
    while not data.endswith(b"\n"):
        part = channel.recv(1 << 18)
        if not part or len(data) > _LARGEST_REQUEST:
            raise ConnectionError("the engine went away before it said what to start")
        data += part
    request: dict[str, Any] = json.loads(data)
    return request


def answer(channel: socket.socket, message: dict[str, Any]) -> None:
    """Send one line of JSON to whoever is still there."""
    with contextlib.suppress(OSError):
        channel.sendall(json.dumps(message).encode() + b"\n")


def boot_id() -> str:
    """Names this boot of the machine: after another, all pids mean other processes."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def write_json(path: str, data: dict[str, Any]) -> None:
    """Replace a file in one step. Not synced: see store/files.py, ``durable``."""
    temporary = f"{path}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600)
    try:
        os.write(descriptor, json.dumps(data).encode() + b"\n")
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
