"""What a learner calls: folders, answers, hints that are counted, outcomes and progress to read."""

from __future__ import annotations

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import dockerlab
from dockerlab import grading
from dockerlab.client import connect
from dockerlab.client.lab import Lab
from dockerlab.errors import DockerlabError
from dockerlab.grading.bank import Bank, NoBank
from dockerlab.grading.bench import ANSWERS
from dockerlab.grading.learner import calls, marks
from dockerlab.grading.learner.desk import Desk
from dockerlab.grading.learner.quizzes.questions import FILE, of_entry
from dockerlab.grading.learner.quizzes.quiz import Quiz
from dockerlab.grading.learner.records import Record, Records
from dockerlab.grading.learner.report import Report
from dockerlab.grading.outcome import Outcome, Saying, State, Verdict, say

PY = """\
from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

exercise = Exercise(
    items=("4.1",),
    level=2,
    checks=[
        Check("port", question("port").is_number(80), 2, spots=[answered("inside", "port", 8080)]),
        Check("why", question("why").is_choice("a"), needs=["port"]),
        Check("steps", question("steps").is_order("x", "y")),
    ],
    questions={"port": "number", "why": "choice", "steps": "order"},
)
"""
EN = """\
# Which port

Look.

## Hints
1. Ask `docker port`.
2. It is the one on the **left**.

## spot: inside
That is the one inside: `<script>`.

## question: port
Which port?

## question: why
Why?
- a: Because `-p` says so.
- b: Why not.

## question: steps
In which order?
- y: Second
- x: First
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a notebook, with a bank of one exercise above it."""
    place = tmp_path / "exercises" / "bank" / "chapter4" / "which-port"
    (place / "starter" / "app").mkdir(parents=True)
    (place / "starter" / "app" / "index.js").write_text("1\n")
    (place / "starter" / "Dockerfile").write_text("FROM node\n")
    (place / "exercise.py").write_text(PY)
    (place / "en.md").write_text(EN)
    (place / "ko.md").write_text(EN.replace("# Which port", "# 어느 포트").replace("Why?", "왜?"))
    (place / "solution.py").write_text('answer("port", 80)\n# %%\nanswer("why", "a")\n')
    here = tmp_path / "exercises" / "source" / "chapter4"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setattr(calls, "_desk", Desk())
    monkeypatch.setenv("DOCKERLAB_PROGRESS", str(tmp_path / "kept" / "progress.json"))
    monkeypatch.setenv("DOCKERLAB_LANG", "en")
    for name in ("DOCKERLAB_EXERCISES", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    # These checks look into the folder only: no engine is needed.
    nowhere: Any = SimpleNamespace(api=None)
    monkeypatch.setattr(connect, "_default", Lab(nowhere, "unix:///nowhere", ""))
    return here


def test_an_exercise_has_a_folder_beside_the_notebook(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grading.start("which-port")
    assert capsys.readouterr().out == ("You work in the folder which-port: Dockerfile, app/\n")
    assert Path.cwd() == book / "which-port"
    Path("Dockerfile").write_text("FROM mine\n")
    grading.start("which-port")
    assert Path.cwd() == book / "which-port"
    assert Path("Dockerfile").read_text() == "FROM mine\n"
    assert Path("app/index.js").read_text() == "1\n"


def test_a_folder_that_was_removed_is_made_again(book: Path) -> None:
    grading.start("which-port")
    shutil.rmtree(book / "which-port")
    grading.start("which-port")
    assert Path("Dockerfile").exists()


def test_without_the_bank_the_files_of_the_notebook_are_used(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKERLAB_EXERCISES", "/nowhere")
    (book / "which-port").mkdir()
    (book / "which-port" / "compose.yaml").write_text("")
    grading.start("which-port")
    for call in (grading.check, grading.hint, grading.solution, grading.quiz):
        call("which-port")
    told = capsys.readouterr().out
    assert "which-port: compose.yaml" in told
    assert "it is checked when you hand the notebook in" in " ".join(told.split())
    assert told.count("Hints and answers are not on this machine.") == 2
    assert "questions of this exercise are not on this machine" in told
    of_entry(Bank(book.parents[1]).get("which-port"), "en").write(book / "which-port")
    grading.quiz("which-port")
    assert "[port] Answer with a number." in capsys.readouterr().out
    (book / "which-port" / FILE).write_text('{"title": 1}')
    grading.quiz("which-port")
    assert "are not on this machine" in capsys.readouterr().out
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NoBank):
        grading.check("which-port")


def test_the_language_of_an_edition_stays_below_its_folder(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    korean = book.with_name("chapter4-ko")
    korean.mkdir()
    monkeypatch.chdir(korean)
    monkeypatch.delenv("DOCKERLAB_LANG")
    grading.start("which-port")
    assert os.environ["DOCKERLAB_LANG"] == "ko"
    grading.check("which-port")
    assert "어느 포트: 시작 전, 4점 중 0점" in capsys.readouterr().out


def test_answers_are_kept_in_the_folder_of_the_exercise(book: Path) -> None:
    with pytest.raises(DockerlabError, match="no exercise was started"):
        grading.answer("port", 8080)
    grading.start("which-port")
    grading.answer("port", 8080)
    grading.answer("why", "가")
    assert json.loads((book / "which-port" / ANSWERS).read_text()) == {"port": 8080, "why": "가"}
    with pytest.raises(DockerlabError, match="cannot be written down"):
        grading.answer("port", object())
    with pytest.raises(DockerlabError, match="cannot be written down"):
        grading.answer("port", float("nan"))


def kept(book: Path) -> dict[str, Any]:
    return dict(json.loads((book / "which-port" / ANSWERS).read_text()))


def test_a_quiz_holds_its_answers(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grading.quiz("which-port", port=8080, why=..., steps=["x"])
    assert kept(book) == {"port": 8080, "steps": ["x"]}
    assert "your answer: 8080" in capsys.readouterr().out
    with pytest.raises(DockerlabError, match="cannot be written down"):
        grading.quiz("which-port", port=object())


def test_what_was_clicked_counts_until_the_cell_is_edited(book: Path) -> None:
    desk = Desk()
    desk.take("which-port", {"port": 1})
    desk.click("which-port", "port", 2)
    desk.click("which-port", "why", "a")
    desk.take("which-port", {"port": 1})
    assert kept(book) == {"port": 2, "why": "a"}, "the cell still says what it said"
    desk.click("which-port", "port", 3)
    desk.take("which-port", {"port": 4})
    assert kept(book) == {"port": 4, "why": "a"}
    desk.take("which-port", {})
    assert kept(book) == {"port": 4, "why": "a"}, "nothing said takes nothing back"


def test_a_page_is_asked_to_write_the_answers_into_the_cell(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shell:
        """What a notebook's kernel has, of which a terminal has only the second."""

        code = 'quiz("which-port")'
        put = ""

        def get_parent(self) -> dict[str, Any]:
            return {"content": {"code": self.code}}

        def set_next_input(self, text: str, *, replace: bool) -> None:
            assert replace
            self.put = text

    shell = Shell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    grading.quiz("which-port")
    assert shell.put == "", "there is nothing to write yet"
    calls._desk.click("which-port", "port", 80)
    grading.quiz("which-port")
    assert shell.put == 'quiz(\n    "which-port",\n    port=80,\n)'
    shell.put = ""
    grading.quiz("which-port", port=80)
    assert shell.put == "", "it says so already"
    calls._desk.click("which-port", "port", 81)
    shell.code = 'quiz("which-port", port=80)\nmine = 1'
    grading.quiz("which-port", port=80)
    assert shell.put == "", "what else is in the cell is not ours"


def test_a_check_says_what_is_missing_and_what_may_help(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grading.start("which-port")
    grading.answer("port", 8080)
    capsys.readouterr()
    assert grading.check("which-port") is None
    assert (
        capsys.readouterr().out
        == """\
✗ Which port: not yet, 0 of 4 points
  ✗ The question “port” is answered correctly.  [0/2]
      The answer to “port” is not 8080.
      → That is the one inside: `<script>`.
  · The question “why” is answered correctly.  [0/1]
      This comes first: The question “port” is answered correctly.
  ○ The question “steps” is answered correctly.  [0/1]
      The question “steps” has no answer yet.
Stuck? `hint("which-port")` gives you a hint.
"""
    )


def test_nbgrader_gets_the_points_and_no_trace_is_kept(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    grading.start("which-port")
    grading.answer("port", 80)
    assert grading.check("which-port") == 2.0
    assert capsys.readouterr().err == ""
    assert Records().all() == {}


def test_hints_come_one_by_one_and_are_counted(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grading.hint("which-port")
    assert capsys.readouterr().out == "Hint 1 of 2\nAsk `docker port`.\n"
    for _ in range(2):
        grading.hint("which-port")
    told = capsys.readouterr().out
    assert told.count("Hint 2 of 2\nIt is the one on the left.") == 2
    assert 'solution("which-port")' in told
    assert Records().get("which-port").hints == 2


def test_the_solution_is_shown_cell_by_cell(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grading.solution("which-port")
    told = capsys.readouterr().out
    assert '    answer("port", 80)\n    answer("why", "a")\n' in told
    assert Records().get("which-port").solution


def test_progress_keeps_the_best(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing has been checked yet" in repr(dockerlab.progress())
    grading.start("which-port")
    for port in (80, 8080):
        grading.answer("port", port)
        grading.check("which-port")
    grading.hint("which-port")
    told = repr(dockerlab.progress())
    assert told.startswith("Your progress: 0 of 1 exercises done, 2 of 4 points\nChapter 4\n")
    assert "◐ partly done  Which port (which-port); 2 of 4; Hints: 1" in told
    assert Records().get("which-port") == Record("partly", 2.0, 4.0, 2, 1)
    page = dockerlab.progress()._repr_html_()
    assert well_formed(page)
    assert page.count('scope="row"') == 1


def test_progress_without_the_bank_shows_what_was_kept(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Records().change("gone", lambda record: Record("passed", 2.0, 2.0, 1))
    assert "Other exercises\n  ✓ done  gone (gone); 2 of 2" in repr(dockerlab.progress())
    monkeypatch.setenv("DOCKERLAB_EXERCISES", "/nowhere")
    assert "1 of 1 exercises done" in repr(dockerlab.progress())


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"exercises": {"a": {"state": "won"}}}', "\0"])
def test_a_broken_file_of_records_is_put_aside(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(broken)
    records = Records(path)
    assert records.all() == {}
    assert Path(f"{path}.broken").read_text() == broken
    records.change("a", lambda record: Record("passed", 1.0, 1.0, 1))
    assert records.get("a").state == "passed"


def test_records_that_cannot_be_written_do_no_harm() -> None:
    records = Records(Path("/proc/nowhere/progress.json"))
    assert records.change("a", lambda record: Record(hints=1)).hints == 1


def outcome(*states: State, why: str = "judging.ok") -> Outcome:
    verdicts = (
        Verdict(f"check-{state}", say("judging.ok"), state, say(why), state == "passed", 1.0)
        for state in states
    )
    return Outcome("one", Saying("", pair=("A & B", "가 & 나")), tuple(verdicts))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_state_has_a_word_in_both_languages(lang: Any) -> None:
    states: tuple[State, ...] = ("passed", "not_yet", "not_attempted", "waiting", "unchecked")
    report = Report(outcome(*states), lang=lang)
    page = report._repr_html_()
    assert well_formed(page)
    assert "<strong>A &amp; B</strong>" in page or "<strong>가 &amp; 나</strong>" in page
    assert page.count("<li") == len(states)
    for state in states:
        assert say(f"state.{state}").text(lang) in page


def test_one_step_at_a_time() -> None:
    hint = Saying("", pair=("Do it.", "하세요."))
    spotted = [("", "one"), ("", "two"), ("typo", "three"), ("", "four")]
    verdicts = tuple(
        Verdict(name, say("judging.ok"), "not_attempted", say("judging.ok"), 0, 1, hint, spot)
        for spot, name in spotted
    )
    report = Report(Outcome("one", Saying("", pair=("T", "T")), verdicts), lang="en")
    assert repr(report).count("→ Do it.") == 2
    assert report._repr_html_().count("Do it.") == 2


def test_what_an_engine_says_stays_text() -> None:
    verdict = Verdict(
        "x", say("judging.ok"), "unchecked", say("judging.broken", error="<img src=x>"), 0, 1
    )
    page = Report(Outcome("one", Saying("", pair=("T", "T")), (verdict,)), lang="en")._repr_html_()
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page


def test_a_quiz_is_told_in_words_and_takes_only_answers_of_its_kind(book: Path) -> None:
    desk = Desk()
    quiz = Quiz("which-port", of_entry(Bank().get("which-port"), "en"), desk, "en")
    assert "Which port?\n[port] Answer with a number.\nNot answered yet." in quiz.text
    for question, value in (("port", "80"), ("why", "c"), ("steps", ["x", "z"]), ("other", 1)):
        with pytest.raises(DockerlabError):
            quiz.answer(question, value)
    quiz.answer("port", 80)
    quiz.answer("why", "a")
    quiz.answer("steps", ["x", "y"])
    assert desk.answers("which-port") == {"port": 80, "why": "a", "steps": ["x", "y"]}
    assert "your answer: First → Second" in quiz.text
    assert quiz.code.splitlines()[-2:] == ['    steps=["x", "y"],', ")"]
    assert well_formed(quiz._repr_html_())


def test_the_widget_keeps_what_the_browser_sends(book: Path) -> None:
    quiz = Quiz("which-port", of_entry(Bank().get("which-port"), "ko"), Desk(), "ko")
    box = quiz.widget
    assert box is not None
    box._answered(box, {"question": "why", "value": "a"}, [])
    assert (box.told, box.error) == ({"why": "Because -p says so."}, "")
    box._answered(box, {"question": "why", "value": ["x"]}, [])
    assert "no answer" in box.error
    box._answered(box, "nonsense", [])
    assert box.words["quiz.keep"] == "이 답으로 정하기"


def test_marks_know_code_and_paragraphs() -> None:
    text = "One `<b>`\ngoes on.\n\n```sh\n# x\n  y\n```\n\nTwo **2**."
    assert marks.html(text) == (
        "<p>One <code>&lt;b&gt;</code> goes on.</p><pre><code># x\n  y</code></pre>"
        "<p>Two <strong>2</strong>.</p>"
    )
    assert marks.lines(text, " ") == [" One `<b>` goes on.", "     # x", "       y", " Two 2."]
    assert max(map(marks.columns, marks.filled("가나다라 " * 40))) <= marks.WIDTH


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def well_formed(page: str) -> bool:
    balance = _Balance()
    balance.feed(re.sub(r"<(br|img|input)[^>]*>", "", page))
    return not balance.open
