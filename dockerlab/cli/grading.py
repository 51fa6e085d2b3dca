"""A class graded: what is missing, then all reports."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dockerlab.course.progress import Printer
from dockerlab.grading.bank import Bank
from dockerlab.grading.classroom.course import Course, open_course
from dockerlab.grading.classroom.fleet.batch import Batch
from dockerlab.grading.classroom.fleet.cluster import Cluster, connected
from dockerlab.grading.classroom.fleet.jobs import Fleet, Setup
from dockerlab.grading.classroom.intake.submissions import sources
from dockerlab.grading.classroom.reports import feedback, gradebook, summary, tables
from dockerlab.grading.classroom.results import Result, Results
from dockerlab.grading.classroom.seam import Limits
from dockerlab.grading.classroom.sitting import Sitting, alone
from dockerlab.views.words import Language, default_language

SANDBOXES = {
    "embedded": "dockerlab.grading.classroom.sandbox:NamespaceSandboxes",
    "docker": "dockerlab.grading.classroom.dockerbox:DockerSandboxes",
}
"""Where submissions run, by the name that ``--engine`` has for it."""
UNGRADED = 3
"""Exit code when some submissions could not be graded; starting again tries those."""


def run(options: argparse.Namespace, shared: Sequence[int]) -> int:
    """The exit code of ``dockerlab grade``. ``shared``: see ``Setup.shared``; () where nothing is
    yet."""
    bank = Bank(options.course)
    course = open_course(bank, options.assignment)
    found = sources(options.submissions, course.assignment)
    with alone(options.out):
        setup = _setup(options, course)
        sitting = Sitting(
            course, setup, found, Results(options.out / "results"), Printer(sys.stdout)
        )
        with _fleet(options, setup, shared) as fleet:
            results = sitting.grade(fleet)
        _report(results, options.out, options.language or default_language())
    if options.gradebook:
        count = gradebook.record(results, options.gradebook)
        print(f"{count} grades are in {options.gradebook}")
    return 0 if all(result.graded for result in results) else UNGRADED


def _setup(options: argparse.Namespace, course: Course) -> Setup:
    limits = replace(
        Limits(), seconds=options.seconds, cell_seconds=options.cell_seconds, memory=options.memory
    )
    return Setup(
        bank=course.bank.folder.resolve(),
        assignment=course.assignment,
        sandboxes=SANDBOXES[options.engine],
        images=_images(options, course),
        limits=limits,
        language=options.language,
    )


def _images(options: argparse.Namespace, course: Course) -> Path:
    """A folder with the images that the exercises need; made, or added to, where it lacks some."""
    wanted = sorted(
        {name for id in course.exercises for name in course.bank.get(id).exercise.images}
    )
    place: Path = options.images
    mark = place / "prepared"
    if mark.is_file() and set(wanted) <= set(mark.read_text().split()):
        return place
    # Loaded here: mostly they are there.
    from dockerlab.grading.classroom.sandbox.images import prepare_images

    print("Preparing the images that submissions may use …", flush=True)
    runtime = "namespaces" if options.engine == "embedded" else "auto"
    prepare_images(place, wanted, runtime=runtime, progress=Printer(sys.stdout))
    before = mark.read_text().split() if mark.is_file() else []
    mark.write_text("\n".join(sorted({*before, *wanted})) + "\n")
    return place


@contextmanager
def _fleet(options: argparse.Namespace, setup: Setup, shared: Sequence[int]) -> Iterator[Fleet]:
    address = options.scheduler or options.cluster
    if not address:
        yield Batch(setup, options.workers or os.cpu_count() or 1, shared)
        return
    with connected(address) as client:
        yield Cluster(setup, client)


def _report(results: Sequence[Result], out: Path, lang: Language) -> None:
    tables.write_all(results, out)
    feedback.write_all(results, out)
    summary.write_page(results, out, lang)
    print("\n".join(["", *summary.lines(results, lang), ""]))
    print(f"{out}: grades.csv moodle.csv canvas.csv grades.json summary.html feedback/")
