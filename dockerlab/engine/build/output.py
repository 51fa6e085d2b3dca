"""What a client sees of a build: the classic builder's stream, object by object."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from dockerlab.formats.buildcache import as_json
from dockerlab.formats.buildtrace import Step

Send = Callable[[dict[str, Any]], None]
Room = Callable[[], Awaitable[None]]

RED, PLAIN = "\x1b[91m", "\x1b[0m"
STEP = "dockerlab.step"
_HELD = 4 << 20
"""Letters that a quiet build keeps, to show them if it fails."""


class Output:
    """Sends records; ``traced`` adds our own about each step."""

    def __init__(self, send: Send, traced: bool = False, room: Room | None = None) -> None:
        """``room`` waits while the client is behind."""
        self._send, self._room = send, room
        self.traced = traced
        self._decoders = {name: _decoder() for name in ("stdout", "stderr")}

    def say(self, text: str) -> None:
        """A piece of text, as it is."""
        self._send({"stream": text})

    def write(self, stream: str, data: bytes) -> None:
        """What a RUN printed; what it complains about is red."""
        text = self._decoders[stream].decode(data)
        if text:
            self.say(f"{RED}{text}{PLAIN}" if stream == "stderr" else text)

    async def room(self) -> None:
        """Wait, before more of what may have no end, until the client has taken most of it."""
        if self._room is not None:
            await self._room()

    def record(self, record: dict[str, Any]) -> None:
        """Progress of a pull or a download, in its own form."""
        self._send(record)

    def image(self, id: str) -> None:
        """The image that a stage made."""
        self._send({"aux": {"ID": id}})

    def step(self, step: Step) -> None:
        """How a step is now, for clients that asked for it."""
        if self.traced:
            self._send({"id": STEP, "aux": as_json(replace(step, log=""))})


class Quiet(Output):
    """For ``--quiet``: nothing but the image's id, unless the build fails."""

    def __init__(self, send: Send) -> None:
        self._held: deque[dict[str, Any]] = deque()
        self._size = 0
        self._cut = False
        super().__init__(self._hold)
        self._real = send

    def _hold(self, record: dict[str, Any]) -> None:
        """Keep it, and of what was said before only so much: a RUN may print without end."""
        self._held.append(record)
        self._size += _letters(record)
        while self._size > _HELD and len(self._held) > 1:
            self._size -= _letters(self._held.popleft())
            self._cut = True

    def release(self) -> None:
        """Show what was held back."""
        if self._cut:
            self._real({"stream": f"[only the last {_HELD >> 20} MiB of the output were kept]\n"})
        for record in self._held:
            self._real(record)
        self._held.clear()
        self._size, self._cut = 0, False

    def result(self, id: str) -> None:
        """The only line of a build that went well."""
        self._real({"stream": f"{id}\n"})


def _letters(record: dict[str, Any]) -> int:
    """About how much it takes; a record has some size even without text."""
    return 500 + len(record.get("stream", ""))


def _decoder() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")
