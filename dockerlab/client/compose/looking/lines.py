"""What the containers of a project wrote: all of them together, as it is or as it comes."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from dockerlab.client.compose.looking.labels import PROJECT
from dockerlab.client.compose.looking.state import Found
from dockerlab.client.compose.looking.wire import filters, part
from dockerlab.client.sessions import STDERR, Frames, request
from dockerlab.formats.composed.lines import LogLine
from dockerlab.formats.text import parse_time

LONGEST = 64 * 1024
"""Characters of a line; what is longer becomes several."""
REAPED = 10.0
"""Seconds that a container may take to end after its output has."""
LAST_WORDS = 0.3
"""Seconds in which lines still come after the end that all waited for."""
AHEAD = 10_000
"""Lines that may wait for the reader: then those who write wait too."""


def label(project: str, name: str) -> str:
    """``web-1`` for ``shop-web-1``, as Compose heads a line."""
    return name.removeprefix(f"{project}-")


class Lines:
    """Takes a container's log apart into lines; each frame begins with its time."""

    def __init__(self, service: str, label: str, *, tty: bool) -> None:
        self._service, self._label = service, label
        self._frames = Frames(tty=tty)
        self._tty = tty
        self._rest: dict[int, tuple[float, str]] = {}
        self._bytes = b""

    def feed(self, data: bytes) -> Iterator[LogLine]:
        for stream, payload in self._frames.feed(data):
            yield from self._frame(stream, payload)

    def end(self) -> Iterator[LogLine]:
        """A last line that has no end."""
        if self._bytes:
            yield from self._frame(1, b"\n")
        for stream, (at, text) in self._rest.items():
            yield self._line(stream, at, text)
        self._rest.clear()

    def _frame(self, stream: int, payload: bytes) -> Iterator[LogLine]:
        # A terminal's log has no frames: a piece may end in the middle of a line.
        whole = self._bytes + payload if self._tty else payload
        pieces = whole.splitlines(keepends=True)
        self._bytes = pieces.pop() if self._tty and pieces and pieces[-1][-1:] != b"\n" else b""
        for piece in pieces:
            stamp, _, text = piece.decode("utf-8", "replace").partition(" ")
            began, before = self._rest.pop(stream, (parse_time(stamp), ""))
            text = before + text
            if text.endswith("\n") or len(text) > LONGEST:
                yield self._line(stream, began, text)
            else:
                self._rest[stream] = (began, text)

    def _line(self, stream: int, at: float, text: str) -> LogLine:
        which: Any = "err" if stream == STDERR else "out"
        return LogLine(self._service, self._label, text.rstrip("\r\n"), which, at)


def written(
    api: Any, project: str, containers: Sequence[Found], *, tail: int | None = None
) -> list[LogLine]:
    """All lines so far, in the order of their times."""
    found: list[LogLine] = []
    for one in containers:
        lines = Lines(one.service, label(project, one.name), tty=_tty(api, one.id))
        with _log(api, one.id, tail=tail) as response:
            for piece in response.iter_content(1 << 16):
                found += lines.feed(piece)
        found += lines.end()
    return sorted(found, key=lambda line: line.at)


class Following:
    """The lines of a project as they come, until all its containers have ended or ``close()``.

    Containers that start meanwhile join in. ``ended`` tells of each one that ended: its name and
    exit code, in that order. ``since`` is a Unix time: nothing older is told. ``first``: it is
    over when the first one has ended.
    """

    def __init__(
        self,
        api: Any,
        project: str,
        containers: Sequence[Found],
        *,
        services: Sequence[str] = (),
        tail: int | None = None,
        since: float | None = None,
        first: bool = False,
    ) -> None:
        self._first = first
        self._api, self._project, self._services = api, project, tuple(services)
        self._queue: queue.Queue[LogLine] = queue.Queue(AHEAD)
        self._responses: list[Any] = []
        self._threads: dict[str, threading.Thread] = {}
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self.ended: list[tuple[str, int]] = []
        self._over: set[str] = set()
        self._events = self._listen()
        for one in containers:
            self._join(one.id, one.service, one.name, tail=tail, since=since)
        threading.Thread(target=self._meet, name="compose-events", daemon=True).start()

    def __iter__(self) -> Iterator[LogLine]:
        try:
            yield from self._lines()
        finally:
            self.close()

    def _lines(self) -> Iterator[LogLine]:
        end = None
        while end is None or time.monotonic() < end:
            if self._first and self.ended and end is None:
                end = time.monotonic() + LAST_WORDS
            try:
                yield self._queue.get(timeout=0.1)
            except queue.Empty:
                if self._closed.is_set() or not self._alive():
                    break
        while not self._queue.empty():
            yield self._queue.get_nowait()

    def close(self) -> None:
        """Let go; the containers go on."""
        self._closed.set()
        with self._lock:
            responses = [*self._responses, self._events]
            self._responses.clear()
        for response in responses:
            _hang_up(response)

    def _alive(self) -> bool:
        return any(thread.is_alive() for thread in list(self._threads.values()))

    def _listen(self) -> Any:
        wanted = filters(label=[f"{PROJECT}={self._project}"], event=["start", "die"])
        return request(
            self._api,
            "GET",
            "/events",
            params={"filters": wanted, "since": f"{time.time():.6f}"},
        )

    def _meet(self) -> None:
        """Hear of containers that start or end."""
        with contextlib.suppress(Exception):  # closed from here, or the engine went away
            for line in self._events.iter_lines(chunk_size=1):
                if not line or self._closed.is_set():
                    continue
                event = json.loads(line)
                attributes = event["Actor"]["Attributes"]
                name, service = attributes["name"], attributes.get(_SERVICE, "")
                id = event["Actor"]["ID"]
                if event["Action"] == "die":
                    self._end(id, name, int(attributes.get("exitCode") or 0))
                elif not self._services or service in self._services:
                    self._over.discard(id)
                    self._join(id, service, name, since=event["timeNano"] / 1e9)

    def _end(self, id: str, name: str, code: int) -> None:
        """Tell of an end once, whoever sees it first: the events or who looks after the log."""
        with self._lock:
            if id not in self._over:
                self._over.add(id)
                self.ended.append((name, code))

    def _settle(self, id: str, name: str) -> None:
        """After the log's end: see how it ended, as it may have before the events were heard."""
        with contextlib.suppress(Exception):  # it was removed, or the engine went away
            end = time.monotonic() + REAPED
            while not (self._closed.is_set() or id in self._over) and time.monotonic() < end:
                state = self._api.inspect_container(id)["State"]
                if state["Status"] in ("exited", "dead"):
                    self._end(id, name, int(state.get("ExitCode") or 0))
                    return
                time.sleep(0.05)

    def _join(
        self,
        id: str,
        service: str,
        name: str,
        *,
        tail: int | None = None,
        since: float | None = None,
    ) -> None:
        running = self._threads.get(id)
        if running is not None and running.is_alive():
            return
        lines = Lines(service, label(self._project, name), tty=_tty(self._api, id))
        thread = threading.Thread(
            target=self._read, args=(id, name, lines, tail, since), name=f"log-{name}", daemon=True
        )
        self._threads[id] = thread
        thread.start()

    def _read(
        self, id: str, name: str, lines: Lines, tail: int | None, since: float | None
    ) -> None:
        with contextlib.suppress(Exception):  # closed from here, or the engine went away
            response = _log(self._api, id, tail=tail, since=since, follow=True)
            with self._lock:
                self._responses.append(response)
            if self._closed.is_set():
                _hang_up(response)
            for piece in response.raw.stream(None, decode_content=False):
                for line in lines.feed(piece):
                    self._put(line)
            response.close()
        for line in lines.end():
            self._put(line)
        self._settle(id, name)

    def _put(self, line: LogLine) -> None:
        while not self._closed.is_set():
            try:
                self._queue.put(line, timeout=0.2)
                return
            except queue.Full:
                continue


_SERVICE = PROJECT.removesuffix("project") + "service"


def _tty(api: Any, id: str) -> bool:
    return bool(api.inspect_container(id)["Config"].get("Tty"))


def _log(
    api: Any,
    id: str,
    *,
    tail: int | None = None,
    since: float | None = None,
    follow: bool = False,
) -> Any:
    params: dict[str, Any] = {"stdout": 1, "stderr": 1, "timestamps": 1}
    params["tail"] = "all" if tail is None else tail
    params |= {"since": f"{since:.9f}"} if since else {}
    params |= {"follow": 1} if follow else {}
    return request(api, "GET", f"/containers/{part(id)}/logs", params=params)


def _hang_up(response: Any) -> None:
    """Shut the connection down before it is closed: closing waits for whoever reads."""
    with contextlib.suppress(Exception):
        raw = response.raw._fp.fp.raw
        getattr(raw, "_sock", raw).shutdown(2)
    with contextlib.suppress(Exception):
        response.close()
