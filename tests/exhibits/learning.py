"""What an exercise shows: its questions, what a check says, a hint, how far one is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dockerlab.grading.bank import Bank
from dockerlab.grading.learner import marks
from dockerlab.grading.learner.desk import Desk
from dockerlab.grading.learner.notice import Notice, framed
from dockerlab.grading.learner.overview import Overview
from dockerlab.grading.learner.quizzes.questions import Asked, Questions
from dockerlab.grading.learner.quizzes.quiz import Quiz
from dockerlab.grading.learner.records import Record
from dockerlab.grading.learner.report import Report
from dockerlab.grading.outcome import Outcome, Saying, State, Verdict

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
QUESTIONS = Questions(
    "The way to the page",
    (
        Asked("port", "number", "`docker run -p 80:8080 web`: which port does your browser ask?"),
        Asked("why", "choice", "Why can two listen?", {"a": "Each has `its own`.", "b": "Turns."}),
        Asked("all", "choices", "Which of these publish?", {"a": "`-p 80:8080`", "b": "`-P`"}),
        Asked("word", "text", "What is it called?"),
        Asked("steps", "order", "What comes first?", {"x": "Ask the page.", "y": "Build `it`."}),
    ),
)


class HandsFree(Desk):
    """Its answers are in a folder of their own."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = Path(tempfile.mkdtemp(prefix="dltest-desk-"))

    def folder(self, id: str) -> Path:
        return self._kept


SAYS = Saying("", pair=("`web` runs", "`web` 컨테이너가 실행 중입니다"))
WHY = Saying("", pair=("It ended with `exit 1`.", "`exit 1`로 끝났습니다."))
CODE = "\n\n```\ndocker logs web\n```"
HINT = Saying("", pair=(f"Look at its log:{CODE}", f"로그를 보세요:{CODE}"))


def verdict(state: State, points: float, hint: Saying | None = None) -> Verdict:
    return Verdict(state, SAYS, state, WHY, points, 2, hint)


TITLE = Saying("", pair=("A server that stays", "멈추지 않는 서버"))
MIXED = Outcome(
    "server",
    TITLE,
    (
        verdict("passed", 2),
        verdict("not_yet", 0, HINT),
        verdict("not_attempted", 0, HINT),
        verdict("waiting", 0),
        verdict("unchecked", 0),
    ),
)


def note(lang: Any) -> Notice:
    title = TITLE.text(lang)
    body = f"<p><strong>{title}</strong></p>{marks.html(HINT.text(lang))}"
    return Notice(title, framed(title, body, kind="note"))


def overview(lang: Any) -> Overview:
    """Of the course's own bank, with one exercise in each state."""
    bank = Bank(EXERCISES)
    states: list[State] = ["passed", "partly", "not_yet", "not_attempted"]
    ids = [entry.id for entry in bank.entries()]
    records = {
        id: Record(state=state, points=1.0, of=3.0, checks=2, hints=1, solution=state == "partly")
        for id, state in zip(ids, states, strict=False)
    }
    return Overview(bank, records, "progress.json", lang)


EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "quiz": lambda lang: Quiz("way-to-the-page", QUESTIONS, HandsFree(), lang),
    "outcome": lambda lang: Report(MIXED, lang=lang),
    "note": note,
    "progress": overview,
}
