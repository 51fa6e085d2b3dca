"""What a client sees of a build: the classic builder's stream, object by object."""

from __future__ import annotations

import codecs
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from dockerlab.formats.buildcache import as_json
from dockerlab.formats.buildtrace import Step

Send = Callable[[dict[str, Any]], None]
Room = Callable[[], Awaitable[None]]

RED, PLAIN = "\x1b[91m", "\x1b[0m"
STEP = "dockerlab.step"


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
        self._held: list[dict[str, Any]] = []
        super().__init__(self._held.append)
        self._real = send

    def release(self) -> None:
        """Show what was held back."""
        for record in self._held:
            self._real(record)
        self._held.clear()

    def result(self, id: str) -> None:
        """The only line of a build that went well."""
        self._real({"stream": f"{id}\n"})


def _decoder() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("replace")
