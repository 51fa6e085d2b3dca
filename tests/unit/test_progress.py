"""What is printed while something takes time."""

from __future__ import annotations

import io

from dockerlab.course.progress import Printer, Step, megabytes


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_step_is_a_sentence() -> None:
    assert str(Step("Building")) == "Building"
    assert str(Step("Loading", 1_500_000, 20_000_000)) == "Loading: 1.5 of 20 MB"


def test_megabytes() -> None:
    assert [megabytes(size) for size in (0, 50_000, 9_990_000, 10_000_000)] == [
        "0.0",
        "0.1",
        "10.0",
        "10",
    ]


def test_a_log_gets_first_and_last() -> None:
    log = io.StringIO()
    printer = Printer(log)
    for done in range(0, 101, 10):
        printer(Step("Loading", done * 1_000_000, 100_000_000))
    printer(Step("Loading", 100_000_000, 100_000_000))
    printer(Step("Done"))
    assert log.getvalue().splitlines() == [
        "Loading: 0.0 of 100 MB",
        "Loading: 100 of 100 MB",
        "Done",
    ]


def test_a_log_is_told_that_it_goes_on() -> None:
    log = io.StringIO()
    printer = Printer(log, interval=0)
    for done in range(3):
        printer(Step("Loading", done * 1_000_000, 9_000_000))
    assert len(log.getvalue().splitlines()) == 3


def test_a_terminal_counts_in_place() -> None:
    terminal = Terminal()
    printer = Printer(terminal)
    printer(Step("Loading", 0, 1_000_000))
    printer(Step("Loading", 1_000_000, 1_000_000))
    assert terminal.getvalue() == "Loading: 0.0 of 1.0 MB\n\x1b[A\rLoading: 1.0 of 1.0 MB\x1b[K\n"
