"""A chapter's notebook of exercises, assembled from the bank: a plain nbgrader notebook.

    assemble(bank, 2, "en")   the notebook as JSON, solved and not executed

The editions have the same cells and the same code; what is to be read differs. A cell's id is
also its nbgrader grade id:

    chapter, setup                  once
    ID-task, ID-start               what to do, its folder; locked
    ID-answer-1 …                   the solution, taken out of what is released
    ID-quiz                         its questions, and the answers, which are taken out
    ID                              check("ID"): what is graded
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dockerlab.course.items import CHAPTERS
from dockerlab.grading.bank import Bank, Entry
from dockerlab.views.words import Language

Json = dict[str, Any]

SETUP = """\
import dockerlab
from dockerlab.grading import answer, check, hint, quiz, solution, start
%load_ext dockerlab
lab = dockerlab.connect(quiet=True)"""
"""The first code cell of every notebook of exercises."""
_EXERCISE = ("Exercise {number}", "연습 {number}")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_TITLES = {chapter.number: (chapter.title, chapter.title_ko) for chapter in CHAPTERS}
_OPENING = (
    """\
# Exercises for chapter {number}: {title}

Run the next cell first. Then every exercise has the same three parts: what to reach, room for
your answer, and a `check(…)` that looks at what you reached. How you got there does not matter:
commands in a cell, Python, files from the editor; add cells where you like.

Stuck? `hint("…")` with the exercise's name gives you a hint, and a more telling one each time
you call it; `solution("…")` shows one way to do it, `dockerlab.progress()` how far you are.""",
    """\
# {number}장 연습 문제: {title}

먼저 다음 셀을 실행하세요. 문제마다 세 부분이 있습니다. 무엇을 만들어야 하는지 적은 설명, 답을
쓰는 셀, 그리고 결과를 확인하는 `check(…)`입니다. 어떻게 했는지는 보지 않습니다. 셀에 명령을 써도,
Python을 써도, 편집기로 파일을 고쳐도 되고, 셀을 더 넣어도 됩니다.

막히면 `hint("…")`에 문제 이름을 넣어 실행해 보세요. 실행할 때마다 조금씩 더 알려 줍니다.
`solution("…")`은 풀이 하나를 보여 주고, `dockerlab.progress()`는 지금까지의 결과를 보여 줍니다.""",
)
_WORTH = (
    "{stars} · {points:g} points · `{id}`",
    "{stars} · {points:g}점 · `{id}`",
)


def name(chapter: int, lang: Language) -> str:
    """Of the assignment, its folder and its notebook; the edition is read from it."""
    return f"chapter{chapter}" if lang == "en" else f"chapter{chapter}-{lang}"


def assemble(bank: Bank, chapter: int, lang: Language) -> Json:
    """The notebook of a chapter's exercises, with their solutions. Raises ExerciseError."""
    entries = [bank.get(id) for id in bank.ids(chapter)]
    opening = _OPENING[lang == "ko"].format(number=chapter, title=_TITLES[chapter][lang == "ko"])
    cells = [_markdown("chapter", opening), _code("setup", SETUP, locked=True)]
    for number, entry in enumerate(entries, 1):
        cells += _exercise(entry, number, lang)
    return {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}


_AT_ONCE = re.compile(r"compose (up|down|stop|start)\b")
"""What says in which order several containers came and went, which is luck."""
_METADATA: Json = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def _exercise(entry: Entry, number: int, lang: Language) -> Iterator[Json]:
    id = entry.id
    yield _markdown(f"{id}-task", _task(entry, number, lang))
    yield _code(f"{id}-start", f'start("{id}")', locked=True)
    for count, cell in enumerate(entry.solution(), 1):
        part = "quiz" if asks(cell) else f"answer-{count}"
        made = _code(f"{id}-{part}", solved(cell), solution=True)
        if _AT_ONCE.search(cell):
            made["metadata"]["tags"] = ["nbval-ignore-output"]
        yield made
    yield _code(id, f'check("{id}")', locked=True, points=entry.exercise.points)


def _task(entry: Entry, number: int, lang: Language) -> str:
    side = lang == "ko"
    texts, exercise = entry.texts, entry.exercise
    stars = "★" * exercise.level + "☆" * (3 - exercise.level)
    worth = _WORTH[side].format(stars=stars, points=exercise.points, id=entry.id)
    # Not 2.7: so the course's items are called, which hints refer to.
    head = f"## {_EXERCISE[side].format(number=number)} · {texts.title[side]}"
    return f"{head}\n\n{worth}\n\n{texts.instruction[side]}"


def solved(cell: str) -> str:
    """A cell of a solution as nbgrader takes it out.

    What begins with ``%%`` has no room for a mark: such a cell is taken out as a whole. Of a quiz's
    call only the answers are, and it still asks.

    >>> print(solved("%docker ps"))
    ### BEGIN SOLUTION
    %docker ps
    ### END SOLUTION
    """
    if asks(cell):
        call, id, *answers, end = cell.splitlines()
        return "\n".join([call, id, f"    {BEGIN}", *answers, f"    {END}", end])
    return cell if cell.startswith("%%") else f"{BEGIN}\n{cell}\n{END}"


def asks(cell: str) -> bool:
    """Whether a cell of a solution is a quiz's call, a line for each answer."""
    return cell.startswith("quiz(\n")


def _markdown(id: str, text: str) -> Json:
    return {"cell_type": "markdown", "id": id, "metadata": _graded(id, locked=True), "source": text}


def _code(
    id: str, source: str, *, locked: bool = False, solution: bool = False, points: float = 0.0
) -> Json:
    metadata = _graded(id, locked=locked, solution=solution, points=points)
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def _graded(id: str, *, locked: bool, solution: bool = False, points: float = 0.0) -> Json:
    """What nbgrader wants to know of a cell; it allows ``points`` for graded cells only."""
    facts: Json = {
        "grade": points > 0,
        "grade_id": id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": facts | ({"points": points} if points else {})}
