"""Grading a class: thirty submissions of one exercise, beside ``nbgrader autograde``."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engines import HERE, Engine
from measuring import Row, milliseconds

from dockerlab.client.engine_template import Template
from dockerlab.grading.assembling import assemble
from dockerlab.grading.bank import Bank
from dockerlab.grading.classroom.sandbox import NamespaceSandboxes
from dockerlab.grading.classroom.sandbox.images import prepare_images
from dockerlab.grading.classroom.seam import Cell, Limits

IMAGES = ("nginx", "alpine")
CHAPTER, EXERCISE = 2, "name-your-containers"
NAME = f"chapter{CHAPTER}"
AGAIN = "%docker rm -f ex2-web ex2-box ex2-sleeper"
"""Before each answer, as a learner does who tries again: nbgrader has one engine for them all."""
CLASS = 30
BOXES = 15
KIND = "namespaces-root"
WHAT = f"{CLASS} submissions"
Json = dict[str, Any]


def all_rows(engines: dict[str, Engine]) -> list[Row]:
    if KIND not in engines:
        return []
    with tempfile.TemporaryDirectory(prefix="dlbench-grading-") as made:
        home = Path(made)
        bank = make_course(home / "exercises")
        make_class(home, bank)
        prepare_images(home / "images", IMAGES)
        (home / "images" / "prepared").write_text("\n".join(IMAGES))  # as the command notes it
        return [*_throughput(home, engines[KIND]), *_boxes(home / "images")]


def make_course(folder: Path) -> Bank:
    """The course with one exercise in it."""
    place = folder / "bank" / NAME / EXERCISE
    shutil.copytree(HERE / "exercises" / "bank" / NAME / EXERCISE, place)
    shutil.copy(HERE / "exercises" / "nbgrader_config.py", folder)
    bank = Bank(folder)
    _write(folder / "source" / NAME, assemble(bank, CHAPTER, "en"))
    return bank


def make_class(home: Path, bank: Bank) -> None:
    """Right answers and wrong ones in turn, as nbgrader collects them."""
    answers = [bank.solution(EXERCISE), *(wrong.cells for wrong in bank.wrong(EXERCISE))]
    for number, cells in zip(range(CLASS), itertools.cycle(answers), strict=False):
        notebook = assemble(bank, CHAPTER, "en")
        rest = [cell for cell in notebook["cells"] if "-answer-" in cell["id"]]
        for cell in rest[1:]:
            notebook["cells"].remove(cell)
        rest[0]["source"] = "\n".join([AGAIN, *cells])
        _write(home / "exercises" / "submitted" / f"student{number:02}" / NAME, notebook)


def _write(folder: Path, notebook: Json) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook))


def _throughput(home: Path, engine: Engine) -> list[Row]:
    _nbgrader(home, engine, "generate_assignment")
    theirs = _seconds(lambda: _nbgrader(home, engine, "autograde"))
    one = _seconds(lambda: _grade(home, 1))
    two = _seconds(lambda: _grade(home, 2))
    rows = [(WHAT, "nbgrader autograde", _rate(theirs), "–", "")]
    for workers, took, goal in ((1, one, ""), (2, two, ">= 10x")):
        faster = f"{theirs / took:.1f}x nbgrader"
        rows.append((WHAT, f"dockerlab grade, {workers} workers", _rate(took), faster, goal))
    rows.append(("from 1 worker to 2", "–", f"{one / two:.2f}x", "–", ""))
    return rows


def _seconds(action: Callable[[], object]) -> float:
    return milliseconds(action) / 1000


def _rate(seconds: float) -> str:
    return f"{CLASS / seconds * 60:.0f} a minute"


def _nbgrader(home: Path, engine: Engine, *words: str) -> None:
    course = home / "exercises"
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": programs, "DOCKER_HOST": engine.url}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words, NAME],
        cwd=course,
        env={**environment, "DOCKERLAB_EXERCISES": str(course)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])


def _grade(home: Path, workers: int) -> None:
    out = home / f"out{workers}"
    words = ["dockerlab", "grade", str(home / "exercises" / "submitted"), "--assignment", NAME]
    words += ["--out", str(out), "--course", str(home / "exercises")]
    words += ["--images", str(home / "images"), "--workers", str(workers)]
    subprocess.run([sys.executable, "-m", *words], check=True, stdout=subprocess.DEVNULL)
    assert len(list((out / "results").iterdir())) == CLASS


def _boxes(folder: Path) -> list[Row]:
    engine = statistics.median(_engine_times())
    with NamespaceSandboxes(folder) as sandboxes, tempfile.TemporaryDirectory() as files:
        opening, memory = zip(*(_box(sandboxes, Path(files)) for _ in range(BOXES)), strict=True)
    took, used = statistics.median(opening[1:]), statistics.median(memory)
    return [
        ("a fresh engine", "–", f"{engine:.0f} ms", "–", "< 100 ms"),
        ("a fresh box with its engine", "–", f"{took:.0f} ms", "–", ""),
        ("memory, a submission (Pss)", "–", f"{used / 1024:.0f} MB", "–", "< 150 MB"),
    ]


def _engine_times() -> list[float]:
    """Milliseconds from the request until it answers."""
    times = []
    with Template() as template, tempfile.TemporaryDirectory() as home:
        for number in range(BOXES):
            root = f"{home}/{number}"
            begun = time.perf_counter()
            engine = template.start(["--root", root, "--runtime", "namespaces", "--no-uplink"])
            times.append((time.perf_counter() - begun) * 1000)
            engine.close()
    return times[1:]


def _box(sandboxes: NamespaceSandboxes, files: Path) -> tuple[float, int]:
    """Milliseconds to make one, and KiB of all its processes while a container of it runs."""
    begun = time.perf_counter()
    fresh = sandboxes._make(Limits())  # which is not waited for where one was made ahead
    took = (time.perf_counter() - begun) * 1000
    fresh.close()
    seen: list[int] = []
    with sandboxes.open(files, Limits()) as box:
        held = _pids(box)
        run = "%load_ext dockerlab\n%docker run -d alpine sleep 600"
        cells = [Cell("1", run), Cell("2", "", EXERCISE)]
        box.run(cells, lambda _: seen.append(_pss(held())), Limits())
    return took, seen[0]


def _pids(box: Any) -> Callable[[], list[int]]:
    """All below the box's first process."""
    text = Path(f"/proc/self/fdinfo/{box._handles.process}").read_text()
    first = int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pid:")))

    def below(pid: int) -> list[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *itertools.chain.from_iterable(below(int(child)) for child in children)]

    return lambda: below(first)


def _pss(pids: list[int]) -> int:
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
    return total
