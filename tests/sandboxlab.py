"""Boxes for submissions, opened by a grader that is a process of its own: of root or of a user.

``python tests/sandboxlab.py KIND IMAGES`` is that grader. On each line of its input is a scenario
as JSON; it answers with one line: how the submission ended, what the cells gave, what was seen at
the graded ones (Python expressions, with ``box`` and ``client``), and what was left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engines import HERE, ORDINARY, Unavailable

from dockerlab.course.progress import silent
from dockerlab.engine.run import proctree
from dockerlab.grading.classroom.sandbox.images import prepare_images

IMAGES = ("busybox",)


@dataclass
class Grader:
    """``kind``: root or user, whose boxes are made of namespaces; docker."""

    kind: str
    home: Path
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> None:
        prepare_images(self.home / "images", IMAGES, progress=silent)
        options: dict[str, Any] = {"cwd": "/", "env": self._environment()}
        if self.kind == "user" and os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{ORDINARY}:{ORDINARY}", self.home], check=True)
            options |= {"user": ORDINARY, "group": ORDINARY, "extra_groups": []}
        elif self.kind == "root" and os.getuid() != 0:
            raise Unavailable("needs root", elsewhere=True)
        self.process = subprocess.Popen(
            [sys.executable, __file__, self.kind, str(self.home / "images")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(
        self,
        *cells: str,
        looks: dict[str, str] | None = None,
        given: dict[str, str] | None = None,
        **limits: float,
    ) -> Result:
        """Run cells; one that begins with ``check:`` is a graded one. ``looks`` by exercise."""
        cells = tuple(textwrap.dedent(cell).strip() for cell in cells)
        scenario = {"cells": cells, "looks": looks or {}, "given": given or {}, "limits": limits}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(scenario) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return Result(**answer)

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def _environment(self) -> dict[str, str]:
        dropped = "XDG" if self.kind == "docker" else ("DOCKER", "XDG")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        return {**kept, "HOME": str(self.home), "PYTHONPATH": str(HERE)}


@dataclass
class Result:
    ended: str
    detail: str
    cells: list[dict[str, Any]]
    seen: dict[str, Any]
    seconds: dict[str, float]
    left: list[str]
    """What is still there after the box was closed: processes by command line."""

    def output(self, number: int = -1) -> str:
        return str(self.cells[number]["output"])

    def error(self, number: int = -1) -> str:
        return str(self.cells[number]["error"])


# ---- in the grader's process


def main() -> None:
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is printed is for people
    with _sandboxes(sys.argv[1], Path(sys.argv[2])) as sandboxes:
        for line in sys.stdin:
            try:
                answer = _play(sandboxes, json.loads(line))
            except Exception as error:
                answer = {"failed": f"{type(error).__name__}: {error}"}
            said.write(json.dumps(answer) + "\n")
            said.flush()


def _sandboxes(kind: str, images: Path) -> Any:
    if kind == "docker":
        from dockerlab.grading.classroom.dockerbox import DockerSandboxes

        return DockerSandboxes(images, "dltest-box")
    from dockerlab.grading.classroom.sandbox import NamespaceSandboxes

    return NamespaceSandboxes(images)


def _play(sandboxes: Any, scenario: dict[str, Any]) -> dict[str, Any]:
    from dockerlab.grading.classroom.seam import Limits

    limits = Limits(**scenario["limits"])
    seconds, begun = {}, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in scenario["given"].items():
            Path(folder, name).parent.mkdir(exist_ok=True)
            Path(folder, name).write_text(text)
        box = sandboxes.open(Path(folder), limits)
    with box:
        seconds["open"] = time.perf_counter() - begun
        begun = time.perf_counter()
        ran, seen = _watch(box, scenario, limits)
        seconds["run"] = time.perf_counter() - begun
        inside = _processes(box)
        begun = time.perf_counter()
    seconds["close"] = time.perf_counter() - begun
    return {
        "ended": ran.ended,
        "detail": ran.detail,
        "cells": [asdict(cell) for cell in ran.cells],
        "seen": seen,
        "seconds": seconds,
        "left": [words for pid, words in inside.items() if _lives(pid)],
    }


def _watch(box: Any, scenario: dict[str, Any], limits: Any) -> tuple[Any, dict[str, Any]]:
    from dockerlab.grading.classroom.seam import Cell

    seen: dict[str, Any] = {}
    looks = scenario["looks"]
    with _client(box) as client:

        def at(name: str) -> None:
            names = {"box": box, "client": client, "os": os, "time": time, "caught": _caught}
            seen[name] = eval(looks[name], names)

        cells = []
        for number, source in enumerate(scenario["cells"]):
            graded = source.partition("check:")[2] if source.startswith("check:") else ""
            cells.append(Cell(str(number), source, graded))
        ran = box.run(cells, at, limits)
        if "end" in looks:
            at("end")
    return ran, seen


def _caught(action: Callable[[], object]) -> Exception | None:
    try:
        action()
    except Exception as error:
        return error
    return None


@contextlib.contextmanager
def _client(box: Any) -> Iterator[Any]:
    import docker

    client = docker.DockerClient(base_url=box.url, version="1.41", timeout=20)
    try:
        yield client
    finally:
        client.close()


def _processes(box: Any) -> dict[tuple[int, int], str]:
    """Everything in the box: pid and start time → command line."""
    found: dict[tuple[int, int], str] = {}
    try:
        spaces = _spaces(_first(box)) - _spaces(os.getpid())
    except FileNotFoundError:  # it has ended, and with it all
        return found
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if spaces & _spaces(int(name)):
                words = Path(f"/proc/{name}/cmdline").read_text(errors="replace")
                found[int(name), proctree.start_time(int(name))] = words
    return found


def _spaces(pid: int) -> set[str]:
    return {os.readlink(f"/proc/{pid}/ns/{kind}") for kind in ("net", "mnt", "user")}


def _first(box: Any) -> int:
    """The box's first process."""
    if hasattr(box, "_handles"):
        return _pid(box._handles.process)
    peer = box._orders._control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("iii", peer)[0])


def _pid(pidfd: int) -> int:
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text()
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pid:")))


def _lives(process: tuple[int, int]) -> bool:
    return proctree.start_time(process[0]) == process[1]


if __name__ == "__main__":
    main()
