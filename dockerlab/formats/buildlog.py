"""The output of a build, read record by record into a ``BuildTrace`` that is always up to date.

The classic builder tells a build as the text that ``docker build`` prints, in JSON records::

    {"stream": "Step 2/3 : RUN make"}  {"stream": "\\n"}
    {"stream": " ---> Running in 0e18f40eccfa\\n"}
    {"stream": "what the command prints\\n"}
    {"stream": "Removing intermediate container 0e18f40eccfa\\n"}
    {"stream": " ---> 6af4989f641b\\n"}

So a record is the engine's own word only if it is the whole of one of these lines; all else, while
a container runs, is the container's. The embedded engine tells more, in records of its own
(``dockerlab.step``), which win. BuildKit's stream is read in ``buildkit.py``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from dockerlab.formats.buildcache import from_json
from dockerlab.formats.buildtrace import BuildTrace, Status, Step

TOLD = "dockerlab.step"
"""The ``id`` of the embedded engine's own records."""
LOG_LIMIT = 1_000_000
"""Characters of a step's log that are kept; the last ones, where an error stands."""

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]{12})\n")
_IMAGE = re.compile(r" ---> ([0-9a-f]{12})?\n")
_BUILT = re.compile(r"Successfully built ([0-9a-f]{12})\n")
_TAGGED = re.compile(r"Successfully tagged (\S+)\n")
_CACHED = " ---> Using cache\n"
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")
_LINE = re.compile(r"dockerfile parse error line (\d+)", re.IGNORECASE)
_CODE = re.compile(r"returned a non-zero code: (\d+)$|exit code: (\d+)$")


def clean(text: str) -> str:
    """Output as plain lines: without colours, and of a line written over only the last state."""
    plain = _COLOURS.sub("", text).replace("\r\n", "\n")
    if "\r" not in plain:
        return plain
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n"))


def error_line(message: str) -> int:
    """The line of the Dockerfile that an error names; 0 if none."""
    match = _LINE.search(message)
    return int(match[1]) if match else 0


def exit_code(message: str) -> int | None:
    """The exit code of the command that failed, as an error's text tells it."""
    match = _CODE.search(message)
    return int(match[1] or match[2]) if match else None


class Log:
    """A step's output while it grows; it is put together only when somebody looks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > 2 * LOG_LIMIT:
            self._parts = ["".join(self._parts)[-LOG_LIMIT:]]
            self._length = LOG_LIMIT

    def of(self, step: Step) -> Step:
        """The step with this output, if there is any."""
        return replace(step, log=clean("".join(self._parts))) if self._parts else step


class Reader:
    """Takes the classic builder's records one by one: ``feed``; ``trace`` is what they tell so far.

    ``steps`` are those that the Dockerfile announces, with their lines and stages; without them
    the steps appear as they begin.
    """

    def __init__(
        self,
        steps: Iterable[Step] = (),
        *,
        dockerfile: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steps = {step.number: step for step in steps}
        self._trace = BuildTrace(dockerfile=dockerfile)
        self._clock, self._began = clock, clock()
        self._current = 0
        self._container = ""
        """Of the step that runs now: all text is its output."""
        self._log = Log()
        self._pulled = False
        self._told: set[int] = set()
        self.warnings: list[str] = []
        """What the engine says besides the steps, as of build arguments that nothing uses."""

    @property
    def trace(self) -> BuildTrace:
        steps = tuple(
            self._log.of(self._steps[number]) if number == self._current else self._steps[number]
            for number in sorted(self._steps)
        )
        return replace(self._trace, steps=steps, seconds=self._now())

    @property
    def state(self) -> tuple[tuple[Status, str], ...]:
        """The state and the container of each step, without the effort of putting the output
        together."""
        return tuple((step.status, step.container) for step in self._steps.values())

    def feed(self, record: Mapping[str, Any]) -> None:
        """One record of the stream. Those that are not known change nothing."""
        aux = record.get("aux")
        if "error" in record:
            self._fail(str(record["error"]), record.get("errorDetail") or {})
        elif record.get("id") == TOLD and isinstance(aux, Mapping):
            self._tell(from_json(Step, aux))
        elif isinstance(aux, Mapping) and "ID" in aux:
            self._trace = replace(self._trace, image=str(aux["ID"]))
        elif "stream" in record:
            self._text(str(record["stream"]))
        elif "status" in record:
            self._pulled = True

    def finish(self) -> BuildTrace:
        """The stream is at its end."""
        if self._trace.error:
            self._trace = replace(self._trace, image="")
        else:
            self._close()
        return self.trace

    # --- the engine's lines ---

    def _text(self, text: str) -> None:
        if self._container:
            self._output(text)
        elif match := _STEP.fullmatch(text):
            self._begin(int(match[1]), match[3])
        elif match := _RUNNING.fullmatch(text):
            self._container = match[1]
            self._change(container=match[1], status=Status.RUNNING)
        elif text == _CACHED:
            self._change(status=Status.CACHED)
        elif match := _IMAGE.fullmatch(text):
            self._made(match[1] or "")
        elif match := _TAGGED.fullmatch(text):
            self._trace = replace(self._trace, tags=(*self._trace.tags, match[1]))
        elif match := _BUILT.fullmatch(text):
            self._trace = replace(self._trace, image=self._trace.image or match[1])
        elif not text.startswith("Removing intermediate container") and text.strip():
            self._other(text)

    def _output(self, text: str) -> None:
        """Text while a container runs: its own, unless it is the line that ends it."""
        if text == f"Removing intermediate container {self._container}\n":
            self._container = ""
            return
        match = _IMAGE.fullmatch(text) or _STEP.fullmatch(text)
        if match is None or (match.re is _STEP and match[1] != str(self._current + 1)):
            self._log.add(text)
            return
        self._container = ""  # the container is kept: no line tells its end
        self._text(text)

    def _other(self, text: str) -> None:
        if text.startswith(("[Warning]", "\x1b[91m[WARNING]")) or not self._current:
            self.warnings += clean(text).strip().splitlines()
        else:  # a download of ADD, the triggers of a base image
            self._log.add(text)

    # --- the steps ---

    def _begin(self, number: int, instruction: str) -> None:
        self._close()
        self._current, self._log, self._pulled = number, Log(), False
        known = self._steps.get(number)
        if known is None or number not in self._told:
            step = known or Step(number=number, instruction=instruction)
            self._steps[number] = replace(step, status=Status.RUNNING, started=self._now())

    def _made(self, image: str) -> None:
        step = self._steps.get(self._current)
        from_there = step is not None and step.keyword == "FROM" and not step.container
        self._change(image=image)
        if from_there and not self._pulled:
            self._change(status=Status.CACHED)

    def _close(self) -> None:
        step = self._steps.get(self._current)
        if step is not None:
            step = self._steps[self._current] = self._log.of(step)
        if step is not None and self._current not in self._told:
            status = Status.RAN if step.status is Status.RUNNING else step.status
            seconds = self._now() - step.started
            self._steps[step.number] = replace(step, status=status, seconds=seconds)
        self._container = ""

    def _fail(self, message: str, detail: Mapping[str, Any]) -> None:
        code = detail.get("code") or exit_code(message)
        step = self._steps.get(self._current)
        self._trace = replace(self._trace, error=message)
        line = error_line(message)
        if step is not None and step.status is not Status.FAILED:
            self._told.discard(step.number)
            seconds = self._now() - step.started
            self._change(status=Status.FAILED, exit_code=code, seconds=seconds)
        if step is not None and not line:
            line = step.line
        self._trace = replace(self._trace, error_line=line)

    def _change(self, **fields: Any) -> None:
        """Change the step that is being read; what the engine told of it in full stays."""
        step = self._steps.get(self._current)
        if step is None:
            return
        if self._current in self._told:
            fields = {name: value for name, value in fields.items() if name == "container"}
        self._steps[self._current] = replace(step, **fields)

    def _tell(self, told: Step) -> None:
        """What the embedded engine says of a step: all but its output."""
        before = self._steps.get(told.number, told)
        self._steps[told.number] = replace(
            told,
            log=told.log or before.log,
            container=told.container or before.container,
            line=told.line or before.line,
            stage=told.stage or before.stage,
            image=told.image or before.image,
        )
        if told.status not in (Status.PENDING, Status.RUNNING):
            self._told.add(told.number)

    def _now(self) -> float:
        return self._clock() - self._began
