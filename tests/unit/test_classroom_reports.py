"""Results on disk, and what is written of them: hostile names and texts do no harm."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dockerlab.course.progress import Printer
from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.intake.senders import Sender
from dockerlab.grading.classroom.reports import feedback, gradebook, summary, tables
from dockerlab.grading.classroom.reports.page import prose
from dockerlab.grading.classroom.reports.words import _WORDS
from dockerlab.grading.classroom.results import (
    CellError,
    Result,
    Results,
    from_json,
    settled,
    to_json,
)
from dockerlab.grading.classroom.sitting import Pace, alone
from dockerlab.grading.outcome import Outcome, Saying, State, Verdict, say
from dockerlab.grading.words.classroom import CLASSROOM

EVIL = "<script>alert(1)</script>\"'&</style><img src=x onerror=a()>\u202e\x07"


def told(en: str, ko: str = "") -> Saying:
    return Saying("", pair=(en, ko or en))


def verdict(name: str, state: State, *, of: float = 1.0, hidden: bool = False) -> Verdict:
    return Verdict(
        name=name,
        says=told(f"The claim {name}", f"주장 {name}"),
        state=state,
        why=told(f"why {EVIL}"),
        points=of if state == "passed" else 0.0,
        of=of,
        hint=told(f"Try `{EVIL}`\n\n```\n{EVIL}\n```") if state == "not_yet" else None,
        spotted="no-port" if state == "not_yet" else "",
        hidden=hidden,
    )


def result(name: str = "anna", *states: State, number: str = "") -> Result:
    verdicts = [verdict(f"c{n}", state) for n, state in enumerate(states or ("passed", "not_yet"))]
    verdicts.append(verdict("secret-check", "not_yet", of=2.0, hidden=True))
    return Result(
        sender=Sender(name, number),
        language="en",
        assignment="chapter1",
        digest="d",
        ended="finished",
        outcomes=(Outcome("start-a-box", told(f"Start {EVIL}", "켜기"), tuple(verdicts)),),
        notes=(say("notebook.encoding", encoding=EVIL),),
        errors=(CellError(EVIL, f"Traceback {EVIL}"),),
    )


# ---- results


def test_a_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    results, one = Results(tmp_path / "results"), settled(result())
    results.put(one)
    assert results.get(one.sender, "d") == one
    assert from_json(json.loads(json.dumps(to_json(one)))) == one


def test_another_input_is_another_result(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.put(result())
    assert results.get(Sender("anna"), "other") is None
    assert results.get(Sender("ben"), "d") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 0}', "\0" * 10, "null"])
def test_a_result_that_is_not_whole_is_none(tmp_path: Path, text: str) -> None:
    results = Results(tmp_path)
    (tmp_path / "anna.json").write_text(text)
    assert results.get(Sender("anna"), "d") is None


def test_what_could_not_be_graded_is_graded_again(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.put(replace(result(), ended="broken"))
    assert results.get(Sender("anna"), "d") is None


def test_how_long_it_took_is_no_part_of_the_grade() -> None:
    one, other = to_json(result()), to_json(replace(result(), seconds=9.0))
    assert one["grade"] == other["grade"]


def test_half_characters_can_be_stored(tmp_path: Path) -> None:
    half = "\ud800"
    errors = (CellError(half, half),)
    one = settled(replace(result(), notes=(told(half),), errors=errors, detail=half))
    Results(tmp_path).put(one)
    assert one.errors == (CellError("?", "?"),)


def test_one_grading_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(DockerlabError, match="another grading"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


# ---- pages


class Seen(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.mark.parametrize("name", ["anna", EVIL, "김민"])
def test_nothing_of_a_students_becomes_html(name: str) -> None:
    for page in (
        feedback.document(result(name)),
        summary.document([result(name)], "en"),
    ):
        seen = Seen(page)
        assert not {"script", "img", "iframe", "link"} & set(seen.tags)
        assert not [a for a, _ in seen.attributes if a.startswith("on")]
        assert seen.open == []
        assert "\u202e" not in page
        assert "\x07" not in page


def test_hidden_checks_are_not_named_in_feedback() -> None:
    page = feedback.document(result())
    assert "secret-check" not in page
    assert "1 of 4 points" in page  # what they are worth is part of the sum
    assert "0 of 2 points" in page
    assert "The claim secret-check" in summary.document([result()], "en")


def test_feedback_speaks_the_students_language() -> None:
    page = feedback.document(replace(result(), language="ko"))
    assert '<html lang="ko">' in page
    assert "주장 c0" in page
    assert "완료" in page
    assert "Done" not in Seen(page).text


def test_a_state_is_told_in_words_and_not_by_a_sign_alone() -> None:
    page = feedback.document(result("anna", "passed", "not_yet", "not_attempted", "waiting"))
    for state in ("Done", "Not yet", "Not attempted", "Waits for another"):
        assert state in Seen(page).text
    assert page.count("<h1>") == 1
    for label in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert page.count(f'id="{label}"') == 1


def test_what_could_not_be_checked_is_told_to_both() -> None:
    one = result("anna", "unchecked")
    assert "Your teacher sees that" in feedback.document(one)
    assert "To be looked at" in "\n".join(summary.lines([one], "en"))


def test_prose() -> None:
    assert prose("a `b<` **c**\n\nd") == "<p>a <code>b&lt;</code> <strong>c</strong></p><p>d</p>"
    assert prose("x\n```sh\n<a>\n\nb\n```\ny") == (
        "<p>x</p><pre><code>&lt;a&gt;\n\nb</code></pre><p>y</p>"
    )


# ---- tables


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_nbgraders_columns() -> None:
    one, two = rows(tables.nbgrader([result(), result("Kim Min", number="17")]))
    assert one == {
        "assignment": "chapter1",
        "duedate": "",
        "timestamp": "",
        "student_id": "anna",
        "last_name": "",
        "first_name": "",
        "email": "",
        "raw_score": "1.0",
        "late_submission_penalty": "0.0",
        "score": "1.0",
        "max_score": "4.0",
    }
    assert (two["student_id"], two["last_name"]) == ("17", "Kim Min")


def test_moodle_and_canvas() -> None:
    (moodle,) = rows(tables.moodle([result("Kim Min", number="17")]))
    assert (moodle["Identifier"], moodle["Grade"]) == ("Participant 17", "1")
    most, canvas = rows(tables.canvas([result("Kim Min", number="17")]))
    assert (most["chapter1"], canvas["ID"], canvas["chapter1"]) == ("4", "17", "1")


def test_no_grade_is_not_zero() -> None:
    broken = replace(result(), ended="broken")
    assert rows(tables.nbgrader([broken]))[0]["score"] == ""
    assert rows(tables.moodle([broken]))[0]["Grade"] == ""
    assert summary.histogram([broken]) == summary.histogram([broken])
    assert sum(count for _, count in summary.histogram([broken])) == 0


WIDE = ["\N{FULLWIDTH EQUALS SIGN}1", "\N{FULLWIDTH PLUS SIGN}1", "\N{FULLWIDTH COMMERCIAL AT}A"]
WIDE += ["\N{FULLWIDTH HYPHEN-MINUS}1", "\N{SMALL HYPHEN-MINUS}1", "\N{SMALL PLUS SIGN}1"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", *WIDE])
def test_a_name_is_no_formula(name: str) -> None:
    for text in (tables.nbgrader([result(name)]), tables.canvas([result(name)])):
        for line in csv.reader(io.StringIO(text)):
            assert not [cell for cell in line if cell[:1] in "=+-@\t" and cell]
            assert name not in line


# ---- the summary


def test_the_histogram_counts_everybody_once() -> None:
    class_ = [result(f"s{n}", *["passed"] * n, *["not_yet"] * (4 - n)) for n in range(5)]
    bins = summary.histogram(class_)
    assert [name for name, _ in bins] == ["0–1", "1–2", "2–3", "3–4", "4–5", "5–6"]
    assert [count for _, count in bins] == [1, 1, 1, 1, 1, 0]


def test_the_ranges_are_of_whole_points() -> None:
    (one,) = [result("anna", *["not_yet"] * 32)]
    names = [name for name, _ in summary.histogram([one])]
    assert names == ["0–4", "4–8", "8–12", "12–16", "16–20", "20–24", "24–28", "28–32", "32–34"]


def test_the_most_failed_checks_come_first() -> None:
    class_ = [result("a", "passed", "not_yet"), result("b", "not_yet", "not_yet")]
    assert [(v.name, n) for _, v, n in summary.failures(class_)] == [
        ("c1", 2),
        ("secret-check", 2),
        ("c0", 1),
    ]
    assert summary.spotted(class_) == [("no-port", 2)]


def test_an_empty_class_has_a_summary() -> None:
    assert summary.document([], "ko")
    assert summary.lines([], "en")


def test_everything_can_be_written_twice_the_same(tmp_path: Path) -> None:
    class_ = [result("anna"), result("김민", number="4")]
    seen = []
    for turn in ("a", "b"):
        out = tmp_path / turn
        out.mkdir()
        tables.write_all(class_, out)
        feedback.write_all(class_, out)
        summary.write_page(class_, out, "en")
        files = sorted(path for path in out.rglob("*") if path.is_file())
        seen.append({str(path.relative_to(out)): path.read_bytes() for path in files})
    assert seen[0] == seen[1]
    assert {"feedback/anna.html", "feedback/김민-4.html", "grades.json"} <= set(seen[0])


# ---- the gradebook


def test_nbgrader_exports_what_was_recorded(tmp_path: Path) -> None:
    pytest.importorskip("nbgrader")
    from nbgrader.api import Gradebook

    address = f"sqlite:///{tmp_path}/gradebook.db"
    class_ = [result("anna"), replace(result("ben"), ended="broken")]
    for _ in range(2):
        assert gradebook.record(class_, address) == 1
    with Gradebook(address) as book:
        assert [student.id for student in book.students] == ["anna"]
        found = book.find_submission("chapter1", "anna")
        assert (found.score, found.max_score) == (1.0, 4.0)
        assert not found.needs_manual_grade


def test_a_gradebook_that_cannot_be_written() -> None:
    pytest.importorskip("nbgrader")
    with pytest.raises(DockerlabError, match="cannot be written"):
        gradebook.record([result()], "sqlite:////nowhere/at/all.db")


# ---- progress and words


def test_the_pace() -> None:
    assert str(Pace("Graded", 0, 60)) == "Graded: 0 of 60"
    assert str(Pace("Graded", 40, 60, fresh=10, seconds=10.0)) == (
        "Graded: 40 of 60, about 20 s left"
    )
    assert str(Pace("Graded", 30, 60, fresh=30, seconds=120.0)).endswith("about 2 min left")
    assert str(Pace("Graded", 60, 60, fresh=60, seconds=9.0)) == "Graded: 60 of 60"


def test_the_pace_is_printed_once_in_a_while() -> None:
    stream = io.StringIO()
    printer = Printer(stream)
    for number in range(1, 61):
        printer(Pace("Graded", number, 60, number, 1.0))
    assert stream.getvalue().splitlines() == [
        "Graded: 1 of 60, about 1 min left",
        "Graded: 60 of 60",
    ]


@pytest.mark.parametrize("catalogue", [CLASSROOM, _WORDS])
def test_both_languages_have_the_same_fields(catalogue: dict[str, tuple[str, str]]) -> None:
    for en, ko in catalogue.values():
        assert set(re.findall(r"{\w+}", en)) == set(re.findall(r"{\w+}", ko))
