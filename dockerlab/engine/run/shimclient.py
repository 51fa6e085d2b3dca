"""The engine's side of the shims: starting them by the spawner, and talking to them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from dockerlab.engine.errors import ServerError
from dockerlab.engine.run import proctree
from dockerlab.engine.run.namespaces import cgroups
from dockerlab.engine.run.process import (
    ExecProcess,
    Exit,
    Limits,
    ProcessSpec,
    StartError,
    encode,
)
from dockerlab.engine.run.shim import shim, terminal

_LINE_LIMIT = 4 << 20
_ANSWER_LIMIT = 1 << 16
"""Bytes of the answer to an exec; an error quotes a part of the command."""
_CONNECT_FOR = 5.0
"""Seconds for which a shim that lives, but does not listen (yet, or any more), is asked again."""
_END_FOR = 8.0
"""Seconds that a shim may take to end its container: output is waited for, and clients."""
_EXEC_LOST = "OCI runtime exec failed: exec failed: cannot exec in a stopped state"
LOST = 255
"""The exit code of a container whose shim was ended from outside, as Docker has it."""


class ShimProcess:
    """A running container's first process. See process.Process."""

    def __init__(self, directory: str, reader: asyncio.StreamReader, writer: Any) -> None:
        self.directory = directory
        self.pid = 0
        self.started_at = 0.0
        self._reader, self._writer = reader, writer
        self._exit: Exit | None = None
        self._changed = asyncio.Event()
        self._output_count = 0
        self._stdin: asyncio.StreamWriter | None = None
        self._stdin_lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Take the shim's first answer and listen from then on.

        Raises StartError as the shim says, ConnectionError if it says nothing.
        """
        line = await self._reader.readline()
        if not line:
            raise ConnectionResetError(104, "the shim ended before it answered")
        message = json.loads(line)
        if "error" in message:
            raise StartError(message["error"], message["code"])
        self.pid, self.started_at = message["pid"], message["started_at"]
        self._task = asyncio.create_task(self._listen(), name=f"shim {self.pid}")

    @property
    def ended(self) -> Exit | None:
        """How it ended, or None as long as it runs."""
        return self._exit

    async def wait(self) -> Exit:
        while self._exit is None:
            await self._changed.wait()
        return self._exit

    def wake(self) -> Callable[[], Awaitable[None]]:
        """A function for one follower of the log: returns when there is more, or at the end."""
        seen = -1

        async def more() -> None:
            nonlocal seen
            while seen == self._output_count and self._exit is None:
                await self._changed.wait()
            seen = self._output_count

        return more

    def root(self) -> str:
        return f"/proc/{self.pid}/root"

    async def signal(self, number: int) -> None:
        await self._ask({"op": "signal", "number": int(number)})

    async def pause(self) -> None:
        await self._ask({"op": "pause"})

    async def resume(self) -> None:
        await self._ask({"op": "resume"})

    async def resize(self, rows: int, columns: int) -> None:
        await self._ask({"op": "resize", "rows": rows, "columns": columns})

    async def update(self, limits: Limits) -> None:
        await self._ask({"op": "update", "limits": encode(limits)})

    async def processes(self) -> list[int]:
        answer = await self._ask({"op": "processes"})
        pids: list[int] = answer.get("processes", [])
        return pids

    async def usage(self) -> dict[str, Any]:
        answer = await self._ask({"op": "usage"})
        usage: dict[str, Any] = answer.get("usage", {})
        return usage

    async def resolver(self) -> list[socket.socket]:
        loop = asyncio.get_running_loop()
        try:
            with await self._connect() as sock:
                await loop.sock_sendall(sock, b'{"op":"resolver"}\n')
                line, descriptors = await _receive(loop, sock)
        except OSError:
            line, descriptors = b"", []
        answer = json.loads(line) if line else {"error": "the container has ended"}
        if "error" in answer:
            raise ServerError(f"cannot give the container a name server: {answer['error']}")
        return [socket.socket(fileno=descriptor) for descriptor in descriptors]

    async def write_stdin(self, data: bytes) -> None:
        """Write to stdin, waiting while its pipe is full; nothing happens once it has ended."""
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            writer = await self._open_stdin()
            writer.write(data)
            await writer.drain()

    async def close_stdin(self) -> None:
        """End of input, after what was written."""
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            writer = await self._open_stdin()
            if writer.can_write_eof():
                writer.write_eof()

    async def exec(self, spec: ProcessSpec) -> ExecProcess:
        sock = await self._connect()
        try:
            return await _exec(sock, spec)
        except BaseException:
            sock.close()
            raise

    async def close(self) -> None:
        """Let go of the shim; the container goes on."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._writer.close()
        if self._stdin is not None:
            self._stdin.close()

    async def _listen(self) -> None:
        """Read pokes until the exit; should the connection break, the exit is on disk."""
        with contextlib.suppress(OSError, ValueError):
            while line := await self._reader.readline():
                message = json.loads(line)
                if "exit" in message:
                    self._finish(Exit(**message["exit"]))
                    break
                self._output_count += 1
                self._notify()
        if self._exit is None:
            self._finish(await _gone(self.directory))
        self._writer.close()
        if self._stdin is not None:
            self._stdin.close()

    def _finish(self, how: Exit) -> None:
        self._exit = how
        self._notify()

    def _notify(self) -> None:
        # Wakes all who wait now; who comes later waits for the next change.
        self._changed.set()
        self._changed.clear()

    async def _open_stdin(self) -> asyncio.StreamWriter:
        async with self._stdin_lock:
            if self._stdin is None:
                sock = await self._connect()
                reader, writer = await asyncio.open_unix_connection(sock=sock)
                writer.write(b'{"op":"stdin"}\n')
                await reader.readline()
                self._stdin = writer
            return self._stdin

    async def _connect(self) -> socket.socket:
        return await connect(self.directory)

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, one answer; an empty one when the container has ended meanwhile."""
        try:
            sock = await self._connect()
            reader, writer = await asyncio.open_unix_connection(sock=sock, limit=_LINE_LIMIT)
        except OSError:
            return {}
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            line = await reader.readline()
        except ConnectionError:
            return {}
        finally:
            writer.close()
        answer: dict[str, Any] = json.loads(line) if line else {}
        if "error" in answer:
            raise ServerError(answer["error"])
        return answer


class ShimExec:
    """A program started by exec. See process.ExecProcess."""

    def __init__(self, pid: int, descriptors: list[int], sock: socket.socket) -> None:
        self.pid = pid
        self.stdin, self.stdout, self.stderr = descriptors
        self._code = asyncio.ensure_future(_exit_code(sock))

    async def wait(self) -> int:
        return await asyncio.shield(self._code)

    def resize(self, rows: int, columns: int) -> None:
        with contextlib.suppress(OSError):  # the terminal is closed already
            terminal.resize(self.stdout, rows, columns)


async def _exec(sock: socket.socket, spec: ProcessSpec) -> ShimExec:
    loop = asyncio.get_running_loop()
    request = {"op": "exec", "spec": encode(spec)}
    await loop.sock_sendall(sock, json.dumps(request).encode() + b"\n")
    line, descriptors = await _receive(loop, sock)
    if not line:
        raise StartError(f"{_EXEC_LOST}: unknown", 128)
    answer = json.loads(line)
    if "error" in answer:
        raise StartError(answer["error"], answer["code"])
    if spec.tty:
        ends = [descriptors[0], descriptors[0], -1]
    else:
        ends = descriptors if spec.open_stdin else [-1, *descriptors]
    return ShimExec(answer["pid"], ends, sock)


async def _receive(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> tuple[bytes, list[int]]:
    """The first line and the descriptors that came with it."""
    ready = asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)
    data, descriptors, _, _ = socket.recv_fds(sock, _ANSWER_LIMIT, 3)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return data, descriptors


async def _exit_code(sock: socket.socket) -> int:
    """Wait for the exit of an exec on its connection; LOST if the shim went away."""
    loop = asyncio.get_running_loop()
    with sock:
        data = b""
        with contextlib.suppress(OSError):
            while not data.endswith(b"\n"):
                part = await loop.sock_recv(sock, 4096)
                if not part:
                    break
                data += part
    code: int = json.loads(data)["exit"] if data.endswith(b"\n") else 137
    return code


async def connect(directory: str) -> socket.socket:
    """A connection to the shim of the container in this folder. Raises OSError."""
    folder = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # By descriptor: a socket's path may have only 107 bytes.
        path = f"/proc/self/fd/{folder}/shim.sock"
        await asyncio.get_running_loop().sock_connect(sock, path)
    except BaseException:
        sock.close()
        raise
    finally:
        os.close(folder)
    return sock


async def adopt(directory: str) -> ShimProcess | Exit | None:
    """The container's process if it runs, how it ended if it did, None if it never ran."""
    deadline = asyncio.get_running_loop().time() + _CONNECT_FOR
    while True:
        how = read_exit(directory)
        note = _read(f"{directory}/shim.json")
        if how is not None:
            return how
        if note is None:
            with contextlib.suppress(OSError):  # should only its note be lost
                return await _subscribe(directory)
            return None
        if not shim_lives(note):
            return await _gone(directory)
        with contextlib.suppress(OSError):
            return await _subscribe(directory)
        if asyncio.get_running_loop().time() > deadline:
            return await _gone(directory)
        await asyncio.sleep(0.02)


async def _subscribe(directory: str) -> ShimProcess:
    sock = await connect(directory)
    reader, writer = await asyncio.open_unix_connection(sock=sock, limit=_LINE_LIMIT)
    writer.write(b'{"op":"events"}\n')
    process = ShimProcess(directory, reader, writer)
    try:
        await process.begin()
    except BaseException:
        writer.close()
        raise
    return process


async def _gone(directory: str) -> Exit:
    """How a container ended whose shim says nothing any more."""
    for _ in range(50):
        how = read_exit(directory)
        if how is not None:
            return how
        note = _read(f"{directory}/shim.json")
        if note is None or not shim_lives(note):
            break
        await asyncio.sleep(0.02)
    # It was killed, or the machine restarted. What it started may be left.
    await _clean_up(directory, _read(f"{directory}/shim.json"))
    text = "the container's shim ended unexpectedly"
    return read_exit(directory) or Exit(LOST, _changed_at(directory), error=text)


async def end(directory: str) -> None:
    """End the container in this folder at once, and whatever its shim may have left.

    For when there is no engine: shims are known by their titles, should their notes be lost.
    """
    for pid in proctree.with_argument(shim.TITLE, os.path.basename(directory)[:12]):
        await _end_shim(pid)
    note = _read(f"{directory}/shim.json")
    try:
        await _clean_up(directory, note)
    except (KeyError, TypeError):  # no note that a shim wrote
        await _clean_up(directory, None)


async def _end_shim(pid: int) -> None:
    """It ends its container and puts all in order; where it does not, it is killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = asyncio.get_running_loop().time() + _END_FOR
        while proctree.alive(pid):
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.02)
        else:
            return


async def _clean_up(directory: str, note: dict[str, Any] | None) -> None:
    """End what a killed shim left behind, and remove its cgroup and socket."""
    if note is not None and _lives(note, "first", "first_start"):
        # From the leaves up: what a tracer (PRoot) leaves behind must not go on without it.
        for pid in reversed(proctree.descendants([note["first"]])):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.unlink(f"{directory}/shim.sock")
    for _ in range(100):
        if cgroups.remove(os.path.basename(directory), cgroups.find()):
            return
        await asyncio.sleep(0.02)


def read_exit(directory: str) -> Exit | None:
    """How the container's last run ended, if it ended."""
    note = _read(f"{directory}/exit.json")
    return Exit(**note) if note is not None else None


def shim_lives(note: dict[str, Any]) -> bool:
    """Whether the shim that wrote this shim.json still runs."""
    return _lives(note, "pid", "start")


def _lives(note: dict[str, Any], pid: str, start: str) -> bool:
    started: int = note[start]
    return (
        note["boot"] == shim.boot_id() and started > 0 and proctree.start_time(note[pid]) == started
    )


def _changed_at(directory: str) -> float:
    """The last sign of life: when the log was last written to."""
    for name in ("log.jsonl", "shim.json"):
        with contextlib.suppress(OSError):
            return os.stat(f"{directory}/{name}").st_mtime
    return 0.0


def _read(path: str) -> dict[str, Any] | None:
    try:
        with open(path) as file:
            data: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return None
    return data
