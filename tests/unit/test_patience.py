"""An action says how far it is only when it takes long."""

from __future__ import annotations

import io
import threading
from contextlib import suppress

import pytest

from dockerlab.client import patience
from dockerlab.client.patience import Pulled, Working, step_of, telling
from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.formats.composed import plan

LAYERS = [
    {"id": "a", "progressDetail": {"current": 1_000_000, "total": 4_000_000}},
    {"id": "b", "progressDetail": {"current": 2_000_000, "total": 2_000_000}},
    {"id": "b", "status": "Pull complete"},
]


class Screen(io.StringIO):
    """A terminal; ``shown`` counts what was written to it."""

    def __init__(self, terminal: bool = True) -> None:
        super().__init__()
        self.shown = threading.Semaphore(0)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def flush(self) -> None:
        self.shown.release()

    @property
    def lines(self) -> list[str]:
        return [line.rstrip(" ") for line in self.getvalue().split("\r") if line]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No moment is waited for."""
    monkeypatch.delenv(patience.QUIET, raising=False)
    monkeypatch.setattr(patience, "MOMENT", 0)
    monkeypatch.setattr(patience, "EVERY", 0.01)


def told(text: str) -> list[str]:
    screen = Screen()
    with telling("Building shop", stream=screen) as at:
        at(text)
        for _ in range(2):  # the first may be from before it was told
            assert screen.shown.acquire(timeout=60)
    return screen.lines


def test_a_long_one_ends_with_its_last_state_and_the_time_it_took() -> None:
    *_, last = told("step 2 of 3")
    assert " ".join(last.split()) == "Building shop: step 2 of 3 (0 s)"
    assert last.endswith("\n")


def test_a_line_stays_one_and_commands_nothing() -> None:
    line = told("RUN printf '\x1b[2J'\tx\n" + "x" * 200)[-1].rstrip()
    assert line.startswith("Building shop: RUN printf '[2J' x x")
    assert len(line) == 79
    assert line.endswith("x… (0 s)")


def test_a_quiet_one_counts_its_seconds() -> None:
    screen = Screen()
    with telling("Pulling shop", stream=screen):
        for _ in range(4):
            assert screen.shown.acquire(timeout=60)
    assert {line.rstrip() for line in screen.lines} == {"Pulling shop … (0 s)"}


def test_a_file_gets_the_last_state_alone() -> None:
    file = Screen(terminal=False)
    with telling("Building shop", stream=file, moment=0) as at:
        for step in range(1, 4):
            at(f"step {step} of 3")
        threading.Event().wait(0.2)
        assert file.getvalue() == ""
    assert file.getvalue() == "Building shop: step 3 of 3 (0 s)\n"


def test_an_error_has_a_line_of_its_own() -> None:
    screen = Screen()
    with suppress(ZeroDivisionError), telling("Building", stream=screen):
        assert screen.shown.acquire(timeout=60)
        raise ZeroDivisionError
    assert screen.getvalue().endswith("\n")


def test_a_screen_that_was_closed_is_no_error(recwarn: pytest.WarningsRecorder) -> None:
    screen = Screen()
    with telling("Building", stream=screen):
        assert screen.shown.acquire(timeout=60)
        screen.close()
    assert not recwarn.list


def test_what_is_no_proper_file_is_written_to_at_the_end() -> None:
    class Own:
        said = ""

        def write(self, text: str) -> None:
            self.said += text

        def flush(self) -> None:
            """Nothing is kept back."""

    own = Own()
    with telling("Building", stream=own):  # type: ignore[arg-type]
        threading.Event().wait(0.2)
    assert own.said == "Building … (0 s)\n"


def test_what_is_short_or_shown_otherwise_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    with telling("Building", stream=screen, moment=3600):
        pass
    with telling("Building", stream=screen, silent=True):
        pass
    monkeypatch.setenv(patience.QUIET, "1")
    with telling("Building", stream=screen):
        pass
    assert screen.lines == []


def test_a_pull_counts_the_bytes_of_all_layers() -> None:
    heard: list[str] = []
    pulled = Pulled(heard.append)
    for message in LAYERS:
        pulled(message)
    assert heard == ["1MB of 4MB", "3MB of 6MB"]


def test_a_build_is_at_the_step_that_runs() -> None:
    steps = [
        Step(number=1, instruction="FROM node", status=Status.CACHED),
        Step(number=2, instruction="RUN <<EOF\nnpm install\nEOF", status=Status.RUNNING),
        Step(number=3, instruction="FROM nginx", status=Status.CACHED),
        Step(number=4, instruction="COPY --from=0 /a /a", status=Status.PENDING),
    ]
    assert step_of(BuildTrace(steps=tuple(steps))) == "step 2 of 4, RUN <<EOF"
    assert step_of(BuildTrace(steps=tuple(steps[:1]))) == "step 1 of 1, FROM node"
    assert step_of(BuildTrace(steps=tuple(steps[3:]))) == "waiting for the builder"


def test_of_composes_steps_that_which_began_first_is_told() -> None:
    db, web = (plan.Step(name, "start container", name) for name in ("db", "web"))
    heard: list[str] = []
    working = Working(heard.append)
    working(plan.Progress(db, "working", " Container db  Starting"))
    working(plan.Progress(web, "working"))
    working(plan.Progress(web, "done", " Container web  Started"))
    working(plan.Progress(db, "done", " Container db  Started"))
    assert heard == ["Container db Starting"] * 3 + ["Container db Started"]
