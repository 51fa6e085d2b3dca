"""A class of sixty graded by one command, whatever is handed in; killed, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nastyclass
import pytest
from classroomlab import IMAGES, make_course
from engines import wanted
from nastyclass import LIMITS, Student

from dockerlab.grading.classroom.course import open_course
from dockerlab.grading.classroom.fleet.batch import Batch
from dockerlab.grading.classroom.fleet.cluster import Cluster, connected
from dockerlab.grading.classroom.fleet.hand import NAME
from dockerlab.grading.classroom.fleet.jobs import Setup
from dockerlab.grading.classroom.intake.submissions import Submission, sources
from dockerlab.grading.classroom.results import Result, grade_of
from dockerlab.grading.classroom.sandbox.images import prepare_images
from dockerlab.grading.classroom.seam import Limits
from dockerlab.grading.words.classroom import CLASSROOM

SANDBOXES = "dockerlab.grading.classroom.sandbox:NamespaceSandboxes"
FEW = ("right", "wrong", "half", "kills-its-kernel", "cp949")
HALF = 12
"""Results after which the first grading is killed."""
ROWS = {row.name: row for row in nastyclass.rows()}


@dataclass
class Class:
    """The folder of a class, and what came of it."""

    home: Path
    grades: dict[str, Any]
    results: dict[str, Any]
    kept: set[str]
    """Who had been graded when the grader was killed, and was not graded again."""
    left: list[int]
    """Processes of the killed grading that were still there later."""

    @property
    def out(self) -> Path:
        return self.home / "out"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    if "namespaces-root" not in wanted():
        pytest.skip("is for the engines that DOCKERLAB_TEST_ENGINES leaves out")
    if os.getuid() != 0:
        pytest.skip("needs root; as an ordinary user the sandboxes have tests of their own")
    with tempfile.TemporaryDirectory(prefix="dltest-class-") as made:
        folder = Path(made)
        prepare_images(folder / "images", IMAGES)
        bank = make_course(folder / "exercises")
        nastyclass.make_class(folder, bank, list(ROWS.values()))
        yield folder


def command(home: Path, out: str = "out", *more: str) -> list[str]:
    words = [sys.executable, "-m", "dockerlab", "grade", str(home / "submitted")]
    words += ["--assignment", "chapter1", "--out", str(home / out)]
    words += ["--course", str(home / "exercises"), "--images", str(home / "images")]
    limits = [word for name, value in LIMITS.items() for word in (f"--{name}", str(value))]
    return [*words, *limits, *more]


@pytest.fixture(scope="module")
def graded(home: Path) -> Class:
    """Graded by one command, which is killed after some, with a hand killed in the second run."""
    results = home / "out" / "results"
    first = subprocess.Popen(command(home), stdout=subprocess.DEVNULL)
    wait_for(lambda: len(list(results.glob("*.json"))) >= HALF)
    hands = children(first.pid)
    first.kill()
    first.wait()
    before = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    second = subprocess.Popen(command(home), stdout=subprocess.PIPE, text=True)
    wait_for(lambda: len(list(results.glob("*.json"))) >= len(before) + 5)
    os.kill(children(second.pid)[0], signal.SIGKILL)
    said, _ = second.communicate(timeout=300)
    assert second.returncode == 0, said
    assert "Graded: 60 of 60" in said
    found = {path.stem: json.loads(path.read_text()) for path in results.glob("*.json")}
    grades = {name: each["grade"] for name, each in found.items()}
    after = {path.name: path.stat().st_mtime_ns for path in results.glob("*.json")}
    kept = {Path(name).stem for name, when in before.items() if after[name] == when}
    assert len(kept) == len(before)
    return Class(home, grades, found, kept, [pid for pid in hands if alive(pid)])


def wait_for(true: Any, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """The hands of a grading."""
    return [
        int(child)
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if Path(f"/proc/{child}/comm").read_text().strip() == NAME
    ]


def alive(pid: int) -> bool:
    try:
        return b"fleet.hand" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


# ---- each submission gets what it is to get


@pytest.mark.timeout(400)
@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_its_grade_and_its_message(graded: Class, row: Student) -> None:
    found = graded.results[row.name]
    why = json.dumps([found["run"], found["notes"], found["outcomes"]], ensure_ascii=False)
    assert found["grade"]["points"] == row.points, why
    assert found["grade"]["ended"] in row.ended, why
    assert found["language"] == row.lang
    told = [en for en, _ in found["notes"]]
    for key in row.notes:
        beginning = CLASSROOM[key][0].partition("{")[0]
        assert [each for each in told if each.startswith(beginning)], (key, told)
    state = {"unchecked"} & {each["state"] for each in found["grade"]["exercises"]}
    assert not state, why


def test_what_was_graded_before_the_kill_was_kept(graded: Class) -> None:
    assert HALF <= len(graded.kept) < len(ROWS)


def test_nothing_of_the_killed_grading_goes_on(graded: Class) -> None:
    assert graded.left == []


def test_the_teachers_files_are_as_they_were(graded: Class) -> None:
    assert not (graded.home / "gradebook.db").exists()
    assert len(list((graded.out / "feedback").glob("*.html"))) == len(ROWS)


def test_the_reports_are_there(graded: Class) -> None:
    lines = (graded.out / "grades.csv").read_text().splitlines()
    assert len(lines) == len(ROWS) + 1
    names = [line.split(",")[3] for line in lines[1:]]
    assert names == sorted(names)
    page = (graded.out / "feedback" / "right-in-korean.html").read_text()
    assert '<html lang="ko">' in page
    assert "no-shouting" not in page
    for name in ("summary.html", "moodle.csv", "canvas.csv", "grades.json"):
        assert (graded.out / name).stat().st_size


# ---- the same again, in other ways


def setup(home: Path) -> Setup:
    return Setup(
        home / "exercises",
        "chapter1",
        SANDBOXES,
        home / "images",
        Limits(seconds=25, cell_seconds=5, memory=400 << 20),
    )


def few(home: Path) -> list[Submission]:
    found = sources(home / "submitted", "chapter1")
    return [source.load() for source in found if source.sender.name in FEW]


def same(graded: Class, results: list[Result]) -> None:
    assert {result.sender.name: json.loads(json.dumps(grade_of(result))) for result in results} == {
        name: graded.grades[name] for name in FEW
    }


@pytest.mark.timeout(200)
def test_one_hand_gives_the_same_grades(graded: Class) -> None:
    results: list[Result] = []
    Batch(setup(graded.home), 1).grade(iter(few(graded.home)), results.append)
    same(graded, results)


@pytest.mark.timeout(200)
def test_a_cluster_gives_the_same_grades_though_a_worker_dies(graded: Class) -> None:
    pytest.importorskip("distributed")
    results: list[Result] = []
    with connected("local:2") as client:

        def done(result: Result) -> None:
            if not results:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            results.append(result)

        Cluster(setup(graded.home), client).grade(iter(few(graded.home)), done)
    same(graded, results)


@pytest.mark.timeout(100)
def test_a_grader_that_keeps_dying_is_given_up_and_the_others_go_on(graded: Class) -> None:
    class Doomed(Batch):
        """Whoever holds the submission named ``half`` is killed."""

        def _given(self, submission: Submission, hand: Any) -> Any:
            held = super()._given(submission, hand)
            if submission.sender.name == "half":
                os.kill(held.hand.pid, signal.SIGKILL)
            return held

    results: list[Result] = []
    jobs = [each for each in few(graded.home) if each.sender.name in ("half", "right")]
    Doomed(setup(graded.home), 2).grade(iter(jobs), results.append)
    found = {result.sender.name: result for result in results}
    assert found["right"].points == nastyclass.ALL
    assert not found["half"].graded
    assert "SIGKILL" in found["half"].detail


@pytest.mark.skipif(
    os.environ.get("DOCKERLAB_TEST_CLASS") != "whole", reason="takes as long as the first time"
)
@pytest.mark.timeout(400)
def test_the_whole_class_a_second_time(graded: Class) -> None:
    subprocess.run(command(graded.home, "again"), check=True, stdout=subprocess.DEVNULL)
    for name in ("grades.csv", "moodle.csv", "canvas.csv", "summary.html"):
        assert (graded.home / "again" / name).read_bytes() == (graded.out / name).read_bytes()
    # How a submission ends that meets two limits at once is a matter of luck.
    again = json.loads((graded.home / "again" / "grades.json").read_text())
    for grade in again:
        first = graded.grades[grade["student"]["name"]]
        assert {**grade, "ended": ""} == {**first, "ended": ""}


def test_the_course_is_read_before_anything_is_graded(home: Path) -> None:
    words = command(home, "other")
    words[words.index("chapter1")] = "chapter9"
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no assignment chapter9" in done.stderr
    assert not (home / "other").exists()
    assert open_course(make_course(home / "more"), "chapter1").exercises
