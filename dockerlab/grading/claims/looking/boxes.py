"""Containers that a check makes, to run something for a moment.

Either of an image of the learner's, to see what it does; or of one of the course's beside a
container of the learner's, in its network: what that says cannot be a program that somebody put in
the place of ``nc`` or ``redis-cli``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Timer
from typing import Any

from docker.errors import APIError

from dockerlab.client.sessions import STDOUT, Session, attach
from dockerlab.grading.bench import PROBE, Bench

LIMITS = {"Memory": 256 << 20, "PidsLimit": 128}
MOST_HEARD = 64 << 10
"""Bytes of a container's output that are read; who prints more is stopped."""


class Refused(Exception):
    """The engine could not start the container; says why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a container did: ``output`` is all that it wrote, ``said`` what to standard output
    only. ``code`` is None where it had to be stopped."""

    output: str
    said: str
    code: int | None

    @property
    def lines(self) -> list[str]:
        return [line for line in self.output.splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Box:
    """A running container that we hear."""

    api: Any
    id: str
    session: Session

    def exit_code(self) -> int | None:
        """None while it runs."""
        state = self.api.inspect_container(self.id)["State"]
        return None if state["Running"] else int(state["ExitCode"])


def ran_once(bench: Bench, image: str, seconds: float) -> Ran:
    """Run a container of an image to its end, or for so long. Raises Refused."""
    with started(bench, image) as box:
        return heard_out(box, seconds)


def ran_beside(
    bench: Bench, container: str, image: str, words: Sequence[str], seconds: float
) -> Ran:
    """Run a command of an image in the network of a running container: what is 127.0.0.1 there is
    so here, names mean the same, and no file of the container's is seen. Raises Refused."""
    first, *rest = words
    body = {"Entrypoint": [first], "Cmd": rest}
    with started(bench, image, f"container:{container}", **body) as box:
        return heard_out(box, seconds)


@contextlib.contextmanager
def started(bench: Bench, image: str, network: str = "none", **body: Any) -> Iterator[Box]:
    """A new container of an image, removed afterwards. Raises Refused."""
    host = {**LIMITS, "NetworkMode": network}
    config = {"Image": image, "HostConfig": host, "Labels": {PROBE: "1"}, **body}
    id = str(bench.api.create_container_from_config(config, None)["Id"])
    try:
        with contextlib.closing(attach(bench.api, id)) as session:
            _start(bench, id)
            yield Box(bench.api, id, session)
    finally:
        with contextlib.suppress(APIError):
            bench.api.remove_container(id, force=True, v=True)


def _start(bench: Bench, id: str) -> None:
    try:
        bench.api.start(id)
    except APIError as error:
        raise Refused(error.explanation or "") from None


def heard_out(box: Box, seconds: float) -> Ran:
    """What a container prints until it ends, or for so long."""
    pieces = list(_pieces(box, seconds))
    output = b"".join(data for _, data in pieces)
    said = b"".join(data for stream, data in pieces if stream == STDOUT)
    return Ran(_text(output), _text(said), box.exit_code())


def heard(box: Box, seconds: float, until: str) -> str:
    """What a container prints until it has said ``until``, ends, or the time is over."""
    output = b""
    for _, data in _pieces(box, seconds):
        output += data
        if until.encode() in output:
            break
    return _text(output)


def _pieces(box: Box, seconds: float) -> Iterator[tuple[int, bytes]]:
    """Pieces of its output, with their stream; ``MOST_HEARD`` bytes at most.

    The time is kept by another thread: a silent container would never give the turn back.
    """
    left = MOST_HEARD
    timer = Timer(seconds, box.session.close)
    timer.start()
    try:
        for stream, data in box.session.output():
            yield stream, data[:left]
            left -= len(data)
            if left <= 0:
                return
    finally:
        timer.cancel()


def _text(written: bytes) -> str:
    return written.decode("utf-8", "replace")
