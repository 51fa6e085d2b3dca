"""BuildKit's stream, read into the same ``BuildTrace`` as the classic builder's.

Docker Engine answers ``POST /build?version=2`` with records whose ``aux`` is a protocol buffer
(BuildKit's ``StatusResponse``) in base64: the vertices of its graph as they begin and end, and
pieces of their logs. Eight fields of it are needed, so a decoder of thirty lines does, and the
protobuf package with its generated code need not be installed.

BuildKit has no step for an instruction that only changes the configuration (ENV, CMD, EXPOSE), and
none for a stage that nothing needs: such steps are not in the trace.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.buildlog import Log, clean, error_line, exit_code
from dockerlab.formats.buildtrace import BuildTrace, Status, Step

TRACE = "moby.buildkit.trace"
IMAGE = "moby.image.id"
LAYERED = ("FROM", "RUN", "COPY", "ADD", "WORKDIR")
"""The instructions that are vertices."""

_NAME = re.compile(r"\[(?:(?:\S+ )?(\S+) )?(\d+)/(\d+)\] (.*)", re.DOTALL)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protocol buffer: number and value. FormatError if it is none."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise FormatError(f"BuildKit's record has a field of an unknown kind ({kind})")
        if position + length > len(message):
            raise FormatError("BuildKit's record is cut off")
        yield key >> 3, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise FormatError("BuildKit's record is cut off")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise FormatError("BuildKit's record has a number that is too long")


def _texts(message: bytes) -> dict[int, str]:
    return {
        number: value.decode("utf-8", "replace")
        for number, value in fields(message)
        if isinstance(value, bytes)
    }


def _moment(message: bytes) -> float:
    """A ``Timestamp``, in seconds."""
    parts = {number: value for number, value in fields(message) if isinstance(value, int)}
    return parts.get(1, 0) + parts.get(2, 0) / 1e9


class Reader:
    """Takes BuildKit's records one by one: ``feed``; ``trace`` is what they tell so far."""

    def __init__(self, steps: Iterable[Step] = (), *, dockerfile: str = "") -> None:
        planned = [step for step in steps if step.keyword in LAYERED]
        self._steps = {number: step for number, step in enumerate(planned, 1)}
        self._trace = BuildTrace(dockerfile=dockerfile, builder="buildkit")
        self._vertices: dict[str, int] = {}
        self._logs: dict[int, Log] = {}
        self._began = self._ended = 0.0
        self.warnings: list[str] = []

    @property
    def trace(self) -> BuildTrace:
        steps = tuple(
            replace(self._logs.get(key, Log()).of(self._steps[key]), number=number)
            for number, key in enumerate(sorted(self._steps), 1)
        )
        return replace(self._trace, steps=steps, seconds=self._ended - self._began)

    @property
    def state(self) -> tuple[tuple[Status, str], ...]:
        """As that of the classic builder's log; no container of a step has a name here."""
        return tuple((step.status, step.container) for step in self._steps.values())

    def feed(self, record: Mapping[str, Any]) -> None:
        """One record of the stream. Those that are not known change nothing."""
        aux = record.get("aux")
        if "error" in record:
            self._fail(str(record["error"]))
        elif record.get("id") == TRACE and isinstance(aux, str):
            self._status(base64.b64decode(aux))
        elif isinstance(aux, Mapping) and "ID" in aux:
            self._trace = replace(self._trace, image=str(aux["ID"]))

    def finish(self) -> BuildTrace:
        """The stream is at its end: what never began was not needed."""
        if self._trace.error:
            self._trace = replace(self._trace, image="")
        else:
            self._drop_pending()
        return self.trace

    def _drop_pending(self) -> None:
        needed = {s.stage for s in self._steps.values() if s.status is not Status.PENDING}
        for key, step in list(self._steps.items()):
            if step.status is not Status.PENDING:
                continue
            # Two stages on the same image share its vertex, which has the name of one of them.
            if step.keyword == "FROM" and step.stage in needed:
                self._steps[key] = replace(step, status=Status.CACHED)
            else:
                del self._steps[key]

    def _status(self, message: bytes) -> None:
        for number, value in fields(message):
            if number == 1 and isinstance(value, bytes):
                self._vertex(value)
            elif number == 3 and isinstance(value, bytes):
                self._output(value)

    def _vertex(self, message: bytes) -> None:
        found = dict(fields(message))
        digest, name = _texts(message).get(1, ""), _texts(message).get(3, "")
        begun, ended = (_moment(v) if isinstance(v := found.get(n), bytes) else 0.0 for n in (5, 6))
        if begun:
            self._began = min(self._began or begun, begun)
        self._ended = max(self._ended, ended or begun)
        key = self._vertices.get(digest) or self._step_of(name)
        if not key:
            return
        self._vertices[digest] = key
        if begun:
            step = self._steps[key]
            state = _state(step, bool(found.get(4)), ended, _texts(message).get(7, ""))
            self._steps[key] = replace(
                step,
                status=state,
                started=begun - self._began,
                seconds=ended - begun if ended else 0.0,
            )

    def _step_of(self, name: str) -> int:
        """The key of the step that a vertex is, from its name: ``[build 2/4] RUN make``."""
        match = _NAME.fullmatch(name)
        if match is None or match[1] == "internal":
            return 0
        stage = (match[1] or "").removeprefix("stage-")
        names = list(dict.fromkeys(step.stage for step in self._steps.values()))
        if not stage and names:
            stage = names[-1]
        own = [key for key, step in self._steps.items() if step.stage == stage and step.line]
        if len(own) >= int(match[2]):
            return own[int(match[2]) - 1]
        key = max(self._steps, default=0) + 1
        self._steps[key] = Step(number=key, instruction=match[4], stage=stage)
        return key

    def _output(self, message: bytes) -> None:
        texts = _texts(message)
        key = self._vertices.get(texts.get(1, ""))
        if key:
            self._logs.setdefault(key, Log()).add(texts.get(4, ""))

    def _fail(self, message: str) -> None:
        failed = next((s for s in self._steps.values() if s.status is Status.FAILED), None)
        if failed is not None:
            code = exit_code(message)
            key = next(k for k, s in self._steps.items() if s is failed)
            self._steps[key] = replace(failed, exit_code=code)
        line = error_line(message) or (failed.line if failed else 0)
        self._trace = replace(self._trace, error=clean(message), error_line=line)


def _state(step: Step, cached: bool, ended: float, error: str) -> Status:
    if error:
        return Status.FAILED
    if not ended:
        return Status.RUNNING
    # BuildKit does not always call a base image cached that it had; nothing is done for it.
    return Status.CACHED if cached or step.keyword == "FROM" else Status.RAN
