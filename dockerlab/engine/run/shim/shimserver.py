"""What a shim answers on shim.sock: one operation a connection, one line of JSON to ask.

::

    {"op": "events"}                    → {"pid", "started_at"}, then {"output": true} whenever
                                          the log has grown, at last {"exit": {…}}
    {"op": "stdin"}                     → {}, then raw bytes follow. A half-close ends the
                                          container's stdin; a closed connection does so only
                                          with stdin_once
    {"op": "exec", "spec": {…}}         → {"pid"} with descriptors (stdin, stdout, stderr, or the
                                          terminal), then {"exit": code}
    {"op": "resize", "rows", "columns"} → {}
    {"op": "signal", "number"}          → {}
    {"op": "pause"}, {"op": "resume"}   → {}
    {"op": "update", "limits": {…}}     → {}
    {"op": "processes"}                 → {"processes": [pid, …]}
    {"op": "usage"}                     → {"usage": {…}}
    {"op": "resolver"}                  → {} with descriptors: the name server's UDP and TCP socket

What fails is {"error": text, "code": 0}, where code is that of a StartError.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dockerlab.engine.errors import APIError
from dockerlab.engine.run.process import Limits, StartError, decode_process
from dockerlab.engine.run.shim.loop import HANGUP, READ, WRITE
from dockerlab.engine.run.shim.stdio import close_stdio, open_stdio

if TYPE_CHECKING:
    from dockerlab.engine.run.shim.shim import Shim

_LARGEST_REQUEST = 16 << 20
_LARGEST_BACKLOG = 1 << 20
_LONGEST_REASON = 8192
"""Characters of an error: it may quote a command of any length."""
_CHUNK = 1 << 16


class Server:
    """The listening socket, and those who want to hear of output and exit."""

    def __init__(self, shim: Shim) -> None:
        self._shim = shim
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connections: set[Connection] = set()
        self._path = ""

    def listen(self, path: str) -> None:
        """Listen at ``path``, of any length."""
        folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._listener.bind(f"/proc/self/fd/{folder}/{os.path.basename(path)}")
        finally:
            os.close(folder)
        self._path = path
        os.chmod(path, 0o600)
        self._listener.listen(64)
        self._listener.setblocking(False)
        self._shim.loop.watch(self._listener.fileno(), READ, self._accept)

    def greet(self, channel: socket.socket) -> None:
        """Make the connection that asked for the start one that gets the events."""
        self._add(channel).subscribe()

    def poke(self) -> None:
        """Tell everybody that the log has grown."""
        for connection in list(self._connections):  # one that is gone leaves
            connection.poke()

    def announce(self, note: dict[str, Any]) -> None:
        """Tell everybody how the container ended."""
        for connection in list(self._connections):
            if connection.subscribed:
                connection.finish({"exit": note})

    def stop_listening(self) -> None:
        """Take no new connections, and give the name back."""
        self._shim.loop.forget(self._listener.fileno())
        self._listener.close()
        if self._path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path)

    def close(self, patience: float) -> None:
        """Close all connections; they get some seconds to take what is for them."""
        loop = self._shim.loop
        deadline = time.monotonic() + patience
        while any(connection.busy for connection in self._connections):
            left = deadline - time.monotonic()
            if left <= 0 or not loop.once(left):
                break
        for connection in list(self._connections):
            connection.close()

    def forget(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def _accept(self, events: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._add(self._listener.accept()[0])

    def _add(self, sock: socket.socket) -> Connection:
        connection = Connection(sock, self._shim, self)
        self._connections.add(connection)
        return connection


class Connection:
    """One client: reads one request, then is what was asked for."""

    def __init__(self, sock: socket.socket, shim: Shim, server: Server) -> None:
        self._sock, self._shim, self._server = sock, shim, server
        self._read = bytearray()
        self._unsent = b""
        self._closing = False
        self._poked = False
        self._receive: Callable[[bytes], None] = self._collect
        self.subscribed = False
        sock.setblocking(False)
        self._watch(READ)

    @property
    def busy(self) -> bool:
        return bool(self._unsent)

    def subscribe(self) -> None:
        self.subscribed = True
        self._receive = lambda data: None
        self._send({"pid": self._shim.pid, "started_at": self._shim.started_at})

    def poke(self) -> None:
        """At most one unread poke: a client that does not read costs nothing."""
        if self.subscribed and not self._poked:
            self._poked = bool(self._unsent)
            if not self._poked:
                self._send({"output": True})

    def finish(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """Send a last message, and close once it is taken."""
        self._closing = True
        self._send(message)

    def close(self) -> None:
        if self._sock.fileno() >= 0:
            self._shim.loop.forget(self._sock.fileno())
            self._sock.close()
        self._server.forget(self)

    def _watch(self, events: int) -> None:
        self._shim.loop.watch(self._sock.fileno(), events, self._ready)

    def _ready(self, events: int) -> None:
        if events & WRITE:
            self._flush()
        if self._sock.fileno() >= 0 and events & (READ | HANGUP):
            self._take(events)

    def _take(self, events: int) -> None:
        try:
            data = self._sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._receive(data)
        else:
            self._end(gone=bool(events & HANGUP))

    def _end(self, gone: bool) -> None:
        """The client sends no more; ``gone``: nor does it read."""
        if self._receive == self._feed and (not gone or self._shim.spec.process.stdin_once):
            self._shim.input.close()
        self.close()

    def _collect(self, data: bytes) -> None:
        self._read += data
        head, newline, rest = self._read.partition(b"\n")
        if newline:
            self._answer(json.loads(head))
            if rest and self._sock.fileno() >= 0:
                self._receive(bytes(rest))
        elif len(self._read) > _LARGEST_REQUEST:
            self.close()

    def _answer(self, request: dict[str, Any]) -> None:
        operation = getattr(self, f"_do_{request.pop('op')}", None)
        try:
            if operation is None:
                raise APIError("the shim does not know this operation")
            operation(**request)
        except StartError as error:
            self.finish({"error": error.message[:_LONGEST_REASON], "code": error.code})
        except (APIError, OSError, TypeError, KeyError, ValueError) as error:
            self.finish({"error": str(error), "code": 0})

    # ---- operations

    def _do_events(self) -> None:
        self.subscribe()

    def _do_stdin(self) -> None:
        self._receive = self._feed
        self._send({})

    def _do_resize(self, rows: int, columns: int) -> None:
        self._shim.resize(rows, columns)
        self.finish({})

    def _do_signal(self, number: int) -> None:
        self._shim.isolation.signal(number)
        self.finish({})

    def _do_pause(self) -> None:
        self._shim.isolation.pause()
        self.finish({})

    def _do_resume(self) -> None:
        self._shim.isolation.resume()
        self.finish({})

    def _do_update(self, limits: dict[str, int]) -> None:
        self._shim.isolation.update(Limits(**limits))
        self.finish({})

    def _do_processes(self) -> None:
        self.finish({"processes": self._shim.isolation.processes()})

    def _do_usage(self) -> None:
        self.finish({"usage": self._shim.isolation.usage()})

    def _do_resolver(self) -> None:
        given = [sock.fileno() for sock in self._shim.isolation.resolver()]
        with contextlib.suppress(OSError):  # the engine has just gone
            socket.send_fds(self._sock, [b"{}\n"], given)
        self.close()

    def _do_exec(self, spec: dict[str, Any]) -> None:
        process = decode_process(spec)
        ends, stdio = open_stdio(process, self._shim.isolation)
        try:
            pid = self._shim.isolation.enter(process, stdio)
            self._shim.expect(pid, lambda code: self.finish({"exit": code}))
            self._receive = lambda data: None
            given = [ends.stdin, ends.stdout, ends.stderr] if not process.tty else [ends.stdout]
            line = json.dumps({"pid": pid}).encode() + b"\n"
            with contextlib.suppress(OSError):  # the engine has just gone; the process goes on
                socket.send_fds(self._sock, [line], [fd for fd in given if fd >= 0])
        finally:
            close_stdio(stdio)
            ends.close()

    def _feed(self, data: bytes) -> None:
        if not self._shim.input.write(data, lambda: self._watch(READ)):
            # Until it is written, nothing more is read: the client has to wait, not the shim.
            self._watch(0)

    # ---- sending

    def _send(self, message: dict[str, Any]) -> None:
        if len(self._unsent) < _LARGEST_BACKLOG:
            self._unsent += json.dumps(message).encode() + b"\n"
        self._flush()

    def _flush(self) -> None:
        if self._sock.fileno() < 0:
            return
        try:
            self._unsent = self._unsent[self._sock.send(self._unsent) :] if self._unsent else b""
        except BlockingIOError:
            pass
        except OSError:
            self.close()
            return
        if self._unsent:
            self._watch(READ | WRITE)
        elif self._poked:
            self._poked = False
            self._send({"output": True})
        elif self._closing:
            self.close()
        else:
            self._watch(READ)
