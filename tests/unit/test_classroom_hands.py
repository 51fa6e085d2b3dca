"""Hands that grade, without a sandbox: what one submission does to them costs no other one."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import pytest
from classroomlab import NOTE, answered, cell_of, hand_in, make_course

from dockerlab.grading.bank import Bank
from dockerlab.grading.classroom import grader, machine
from dockerlab.grading.classroom.fleet.batch import Batch
from dockerlab.grading.classroom.fleet.jobs import Setup
from dockerlab.grading.classroom.intake.submissions import sources
from dockerlab.grading.classroom.results import Result
from dockerlab.grading.classroom.seam import Cell, Limits, Ran, SandboxDenied

HARD = """
    import time
    from dockerlab.grading.exercise import Check, Claim, Exercise
    from dockerlab.grading.outcome import met, say

    def sleep(bench):
        time.sleep(3)

    def grow(bench):
        return met() if bytearray(3 << 30) else None

    checks = [
        Check("there", Claim(say("judging.ok"), sleep), seconds=0.2),
        Check("hello", Claim(say("judging.ok"), grow)),
    ]
    exercise = Exercise(items=("1.1",), level=1, checks=checks)
"""


class Nowhere:
    """Sandboxes and box in one; nothing is run, and no engine answers."""

    url = "unix:///nowhere"
    folder = Path("/nowhere")
    fetch: Any = None
    originals: ClassVar[dict[str, str]] = {}

    def __init__(self, images: Path | None = None, shared: Sequence[int] = ()) -> None:
        pass

    @staticmethod
    def shared(images: Path) -> AbstractContextManager[Sequence[int]]:
        return nullcontext(())

    def open(self, files: Path, limits: Limits) -> Self:
        return self

    def run(self, cells: Sequence[Cell], at: Callable[[str], None], limits: Limits) -> Ran:
        return Ran("finished", ())

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class Watched(Batch):
    pids: tuple[int, ...] = ()

    def _given(self, *given: Any) -> Any:
        held = super()._given(*given)
        self.pids += (held.hand.pid,)
        return held


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    bank = make_course(tmp_path / "exercises")
    exercise = tmp_path / "exercises" / "bank" / "chapter1" / NOTE / "exercise.py"
    exercise.write_text(textwrap.dedent(HARD))
    (exercise.parent / "hidden.py").unlink()
    for name in ("anna", "ben"):
        hand_in(tmp_path / "submitted", name, answered(bank))
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here.parent}:{here}", prepend=":")
    return Setup(bank.folder, "chapter1", f"{__name__}:Nowhere", tmp_path)


def test_a_look_that_goes_on_is_left_behind_with_its_hand(setup: Setup, tmp_path: Path) -> None:
    batch, results = Watched(setup, 1), list[Result]()
    jobs = (each.load() for each in sources(tmp_path / "submitted", "chapter1"))
    batch.grade(jobs, results.append)
    assert len(set(batch.pids)) == len(results) == 2
    told = [verdict.why.text("en") for verdict in results[0].outcomes[0].verdicts]
    assert "0.2 seconds" in told[0]
    assert "MemoryError" in told[1]
    assert all(result.graded and result.doubtful for result in results)


def test_what_was_answered_in_a_widget_lies_in_the_box(setup: Setup, tmp_path: Path) -> None:
    class Seen(Nowhere):
        answers = ""

        def open(self, files: Path, limits: Limits) -> Self:
            self.answers = (files / NOTE / ".answers.json").read_text()
            return self

    content = answered(Bank(setup.bank))
    kept = {"dockerlab.answers": {"port": 80}}
    cell_of(content, NOTE)["outputs"] = [{"output_type": "display_data", "metadata": kept}]
    hand_in(tmp_path / "submitted", "cleo", content)
    *_, hers = sources(tmp_path / "submitted", "chapter1")
    box = Seen()
    setup.grader(box).grade(hers.load())
    assert box.answers == '{"port": 80}'


def test_answers_are_not_where_submissions_read(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment that was made in the course's own folder is shown as a whole."""
    assert not machine.showing(setup.bank)
    for prefix in (tmp_path, setup.bank):
        monkeypatch.setattr("sys.prefix", str(prefix))
        with pytest.raises(SandboxDenied, match="would see the answers"):
            setup.grader(Nowhere())
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))
    assert setup.grader(Nowhere())
    assert machine.showing(Path("/usr/share/exercises")) == "/usr"


def test_all_looks_together_have_a_time(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grader, "LOOKING", 0.1)
    job = sources(tmp_path / "submitted", "chapter1")[0].load()
    first, second = setup.grader(Nowhere()).grade(job).outcomes
    assert (first.state, second.state) == ("unchecked", "unchecked")
    assert "0.1 seconds" in second.verdicts[0].why.text("en")
