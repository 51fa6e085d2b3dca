"""``docker build``: what the command line prints while an image is built."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dockerlab.errors import BuildFailed, CommandError
from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.formats.text import short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.output import Captured, Output
from dockerlab.magics.pulling import EVERY, SLOW, Progress

_SENDING = "Sending build context to Docker daemon  "


def build(call: Invocation) -> int:
    """Build an image; the exit code is that of the command that failed."""
    path = _folder(call.words[0])
    quiet = call.command.on("quiet")
    output = Captured(call.output) if quiet else call.output
    try:
        built = call.lab.build(path, **options(call), **printing(output))
    except BuildFailed as error:
        if quiet and isinstance(output, Captured):
            call.output.text(output.buffer.getvalue())
        return failed(call.output, error)
    if quiet:
        call.output.line(built.image.id)
    elif built.trace.builder == "buildkit":
        for line in (*(f"naming to {tag} done" for tag in built.tags), *built.notes):
            call.output.line(line)
    return 0


def options(call: Invocation) -> dict[str, Any]:
    """The keyword arguments of ``lab.build`` that the typed flags mean."""
    command = call.command
    _check_progress(command.text("progress", "auto"))
    kit = os.environ.get("DOCKER_BUILDKIT") == "1" and not call.lab.embedded
    return {
        "tag": command.many("tag"),
        "dockerfile": _dockerfile(command.text("file")),
        "args": arguments(command.many("build-arg")),
        "target": command.text("target"),
        "no_cache": command.on("no-cache"),
        "rm": bool(command.get("rm", True)),
        "force_rm": command.on("force-rm"),
        "pull": command.on("pull"),
        "labels": dict(text.partition("=")[::2] for text in command.many("label")),
        "network": command.text("network"),
        "builder": "buildkit" if kit else "",
    }


def printing(output: Output) -> dict[str, Any]:
    """What ``lab.build`` is to call, so that the build is printed as docker prints it."""
    sending, kit = Sending(output), KitLines(output)
    pulling = Progress(output.text)

    def record(message: Mapping[str, Any]) -> None:
        if "stream" in message:
            sending.end()
            output.text(str(message["stream"]))
        elif "status" in message:
            pulling(message)

    return {"records": record, "progress": kit, "sent": sending}


def failed(output: Output, error: BuildFailed) -> int:
    """Write the error as docker does: what the daemon refused, or which command failed."""
    begun = any(step.status is not Status.PENDING for step in error.trace.steps)
    output.error(("" if begun else "Error response from daemon: ") + error.message, error.hint)
    code = error.step.exit_code if error.step is not None else None
    return code or 1


class Sending:
    """``Sending build context to Docker daemon  2.048kB``, in a moving line if it takes long."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._began = self._shown = time.monotonic()
        self._sent = 0
        self._done = False

    def __call__(self, sent: int) -> None:
        self._sent = sent
        now = time.monotonic()
        if now - self._began > SLOW and now - self._shown > EVERY:
            self._shown = now
            self._output.text(f"\r{_SENDING}{size(sent, 4)}".ljust(60))

    def end(self) -> None:
        """The engine answers: all is sent."""
        if not self._done:
            self._done = True
            moving = "\r" if self._shown != self._began else ""
            self._output.line(f"{moving}{_SENDING}{size(self._sent, 4)}")


class KitLines:
    """BuildKit's steps as lines, as ``--progress=plain`` prints them."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._printed: dict[int, tuple[Status, int]] = {}

    def __call__(self, trace: BuildTrace) -> None:
        if trace.builder != "buildkit":
            return
        for step in trace.steps:
            self._step(step, len(trace.steps))

    def _step(self, step: Step, count: int) -> None:
        status, length = self._printed.get(step.number, (Status.PENDING, 0))
        if step.status is Status.PENDING:
            return
        if status is Status.PENDING:
            self._output.line(f"#{step.number} [{step.number}/{count}] {step.instruction}")
        end = step.log.rfind("\n") + 1 if step.status is Status.RUNNING else len(step.log)
        for line in step.log[length:end].splitlines():
            self._output.line(f"#{step.number} {line}")
        if step.status is not status and step.status is not Status.RUNNING:
            self._output.line(f"#{step.number} {_ENDS[step.status].format(step.seconds)}\n")
        self._printed[step.number] = (step.status, max(length, end))


class ClassicLines:
    """The classic builder's steps as it prints them itself, where only its trace is at hand."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._printed: dict[int, int] = {}
        """Of each step that has begun, how many characters of its log are printed."""
        self._over: set[int] = set()
        self._results = 0

    def __call__(self, trace: BuildTrace) -> None:
        begun = [step for step in trace.steps if step.status is not Status.PENDING]
        ended = bool(trace.image or trace.error)
        for step in begun:
            if step.number not in self._over:
                # Which image a step made is told after it: when the next one begins.
                self._step(step, len(trace.steps), over=ended or step is not begun[-1])
        results = [f"Successfully built {short_id(trace.image)}"] if trace.image else []
        results += [f"Successfully tagged {tag}" for tag in trace.tags]
        for line in results[self._results :]:
            self._output.line(line)
        self._results = max(self._results, len(results))

    def _step(self, step: Step, count: int, *, over: bool) -> None:
        if step.number not in self._printed:
            self._output.line(f"Step {step.number}/{count} : {step.instruction}")
            self._printed[step.number] = -1
        if step.container and self._printed[step.number] < 0:
            self._output.line(f" ---> Running in {step.container}")
            self._printed[step.number] = 0
        shown = max(self._printed[step.number], 0)
        if len(step.log) > shown:
            self._output.text(step.log[shown:])
            self._printed[step.number] = len(step.log)
        if over:
            self._over.add(step.number)
            self._end(step)

    def _end(self, step: Step) -> None:
        if step.log and not step.log.endswith("\n"):
            self._output.line()
        if step.status is Status.FAILED:
            return
        if step.status is Status.CACHED and step.keyword != "FROM":
            self._output.line(" ---> Using cache")
        if step.container:
            self._output.line(f"Removing intermediate container {step.container}")
        if step.image:
            self._output.line(f" ---> {short_id(step.image)}")


_ENDS = {Status.CACHED: "CACHED", Status.RAN: "DONE {:.1f}s", Status.FAILED: "ERROR"}


def _folder(word: str) -> str:
    if word == "-":
        raise CommandError(
            "a Dockerfile or context from standard input is not supported here",
            "write it with %%dockerfile, then: %docker build FOLDER",
        )
    if "://" in word or word.startswith(("git@", "github.com/")):
        raise CommandError(
            f"a context from an address is not supported here: {word}",
            "fetch it into a folder first, then: %docker build FOLDER",
        )
    return word


def _dockerfile(word: str) -> str | Path:
    if word == "-":
        raise CommandError(
            "a Dockerfile from standard input is not supported here",
            "write it with %%dockerfile --no-build -f NAME",
        )
    return Path(word).expanduser().absolute() if word else "Dockerfile"


def arguments(texts: tuple[str, ...]) -> dict[str, str]:
    """``--build-arg NAME=value``; a name alone takes its value from our environment."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if equals or name in os.environ:
            found[name] = value if equals else os.environ[name]
    return found


def _check_progress(kind: str) -> None:
    if kind not in ("auto", "plain", "tty"):
        raise CommandError(
            f"invalid progress mode {kind}", "it may be auto, plain or tty; -q prints the id only"
        )


COMMANDS: Commands = {"build": build}
