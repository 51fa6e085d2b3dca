"""What a learner types: ``check``, ``hint``, ``solution``, ``start``, ``answer``, ``quiz``,
``progress``. Each shows what there is to say below the cell."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from html import escape
from typing import Any

from dockerlab.grading.bank import Bank, Entry, NoBank
from dockerlab.grading.judge import judge
from dockerlab.grading.learner import marks
from dockerlab.grading.learner.desk import Desk
from dockerlab.grading.learner.notice import KEPT, Notice, framed, show
from dockerlab.grading.learner.overview import Overview
from dockerlab.grading.learner.quizzes.line import put
from dockerlab.grading.learner.quizzes.questions import Questions, in_folder, of_entry
from dockerlab.grading.learner.quizzes.quiz import Quiz
from dockerlab.grading.learner.records import Records
from dockerlab.grading.learner.report import Report
from dockerlab.grading.outcome import Saying, say
from dockerlab.views.words import default_language

GRADING_VARIABLE = "NBGRADER_EXECUTION"
"""nbgrader sets it while it grades or validates a notebook."""
_desk = Desk()


def check(id: str) -> float | None:
    """Look whether an exercise is done, and say what is missing, and why.

    Only what you reached counts, not the way: the engine and the exercise's folder are looked at.
    While nbgrader grades, the result is the points.

    >>> check("name-a-container")  # doctest: +SKIP
    ✗ Give a container a name: not yet, 0 of 2 points
    """
    graded = bool(os.environ.get(GRADING_VARIABLE))
    entry = _entry(id, "" if graded else "bank.none")
    if entry is None:
        return None
    outcome = judge(entry, _desk.bench(id))
    if graded:
        # The result is the grade, so what there is to read is printed.
        print(Report(outcome))
        return outcome.points
    record = Records().change(id, lambda record: record.after(outcome))
    more = record.hints < len(entry.texts.tiers)
    report = Report(outcome, say("outcome.stuck", call=f'hint("{id}")') if more else None)
    # The output is handed in with the notebook, and with it what was answered.
    show(report, {KEPT: _desk.answers(id)} if entry.exercise.questions else {})
    return None


def hint(id: str) -> None:
    """Give the next hint of an exercise; each tells more than the one before.

    How many you took is counted, for you: see ``progress()``.

    >>> hint("name-a-container")  # doctest: +SKIP
    Hint 1 of 3
    docker run has an option for it: docker run --help lists them.
    """
    entry = _entry(id, "bank.nothint")
    if entry is None:
        return
    tiers = entry.texts.tiers
    if not tiers:
        show(_note(say("hint.none")))
        return
    record = Records().change(id, lambda one: replace(one, hints=min(one.hints + 1, len(tiers))))
    title = say("hint.title", number=record.hints, all=len(tiers))
    said = [title, Saying("", pair=tiers[record.hints - 1])]
    if record.hints == len(tiers):
        said.append(say("hint.last", call=f'solution("{id}")'))
    show(_note(*said))


def solution(id: str) -> None:
    """Show one answer to an exercise, cell by cell. It runs nothing.

    >>> solution("name-a-container")  # doctest: +SKIP
    One answer
        %docker run -d --name ex1-web nginx
    """
    entry = _entry(id, "bank.nothint")
    if entry is None:
        return
    Records().change(id, lambda record: replace(record, solution=True))
    cells = [Saying("", pair=(_fenced(cell),) * 2) for cell in entry.solution()]
    show(_note(say("solution.title"), *cells, say("solution.other")))


def start(id: str) -> None:
    """Go into an exercise's folder, beside the notebook, with the files it begins with.

    Files of yours that are there already stay as they are.

    >>> start("shrink-the-image")  # doctest: +SKIP
    You work in the folder shrink-the-image: Dockerfile, index.js
    """
    starter = None
    _desk.home(id)  # the bank is looked for upwards from here, so there has to be a here
    with contextlib.suppress(NoBank):  # without it, the files came with the notebook
        starter = Bank().get(id).starter
    files = ", ".join(_desk.open(id, starter))
    print(say("start.files" if files else "start.folder", folder=id, files=files).text())


def answer(question: str, value: Any) -> None:
    """Answer a question of the exercise that was started last.

    A number, a word, the name of an option, or a list of such names.

    >>> answer("port", 8080)  # doctest: +SKIP
    port = 8080
    """
    _desk.answer(_desk.opened, question, value)
    print(say("answer.kept", question=question, value=repr(value)).text())


def quiz(id: str, /, **answers: Any) -> None:
    """Ask an exercise's questions: choose, type, or put into order; by mouse or by keyboard.

    What you answer is kept in the exercise's folder and checked by ``check``. Run the cell once
    more to have your answers in the notebook, which is what you hand in; or write them there
    yourself: a number, a word, the name of an option, or a list of such names.

    >>> quiz("which-port", port=8080)  # doctest: +SKIP
    """
    given = {name: value for name, value in answers.items() if value is not ...}
    _desk.take(id, given)
    try:
        found: Questions | None = of_entry(Bank().get(id), default_language())
    except NoBank:
        found = in_folder(_desk.folder(id))
    if found is None or not found.asked:
        show(_note(say("bank.noquiz" if found is None else "quiz.none")))
        return
    asked = Quiz(id, found, _desk, given=given)
    if asked.code and put(asked.code):
        asked.given = asked.values
        _desk.written(id, asked.values)
    show(asked)


def progress() -> Overview:
    """How far you have come: each exercise, its points, and the hints it took.

    It is kept on this machine only, see its last line for where.

    >>> dockerlab.progress()  # doctest: +SKIP
    Your progress: 3 of 36 exercises done, 9 of 110 points
    """
    records = Records()
    try:
        bank: Bank | None = Bank()
    except NoBank:
        bank = None
    return Overview(bank, records.all(), str(records.path))


def _entry(id: str, otherwise: str) -> Entry | None:
    """The exercise; where the bank is not here, ``otherwise`` is said, if it names a saying."""
    try:
        return Bank().get(id)
    except NoBank:
        if not otherwise:
            raise
        show(_note(say(otherwise)))
        return None


def _note(*said: Saying) -> Notice:
    """Paragraphs; the first is the title where there are several."""
    lang = default_language()
    texts = [saying.text(lang) for saying in said]
    text = "\n".join(line for one in texts for line in marks.lines(one))
    head = f"<p><strong>{escape(texts[0])}</strong></p>" if len(texts) > 1 else ""
    body = "".join(marks.html(one) for one in (texts[1:] if head else texts))
    return Notice(text, framed(texts[0], head + body, kind="note"))


def _fenced(cell: str) -> str:
    return f"```\n{cell}\n```"
