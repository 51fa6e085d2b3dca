"""One page a student: what is done, what is not yet, why, and what to try.

Hidden checks are not named in it; what they are worth together is, or the sum would not be right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dockerlab.grading.classroom.reports.page import page, phrase, prose, text
from dockerlab.grading.classroom.reports.words import number, word
from dockerlab.grading.classroom.results import Result, write
from dockerlab.grading.outcome import Outcome, Verdict
from dockerlab.views.words import Language

MARKS = {
    "passed": "✓",
    "not_yet": "✗",
    "not_attempted": "○",
    "waiting": "…",
    "unchecked": "?",
}


def write_all(results: Sequence[Result], out: Path) -> None:
    """``feedback/KEY.html`` for each."""
    folder = out / "feedback"
    folder.mkdir(exist_ok=True)
    for result in results:
        write(folder / f"{result.sender.key}.html", document(result))


def document(result: Result) -> str:
    lang = result.language
    parts = [_head(result, lang), _notes(result, lang)]
    parts += [_exercise(outcome, n, lang) for n, outcome in enumerate(result.outcomes, 1)]
    parts.append(_errors(result, lang))
    title = f"{word('title', lang, assignment=result.assignment)} – {result.sender.name}"
    return page(title, lang, "\n".join(part for part in parts if part))


def _head(result: Result, lang: Language) -> str:
    share = 100 * result.points / result.of if result.of else 0
    return (
        f"<h1>{text(word('title', lang, assignment=result.assignment))}</h1>\n"
        f'<p class="who">{text(result.sender.name)}</p>\n'
        f'<p class="total">{_worth(result.points, result.of, lang)}</p>\n'
        f'<div class="bar" aria-hidden="true"><span style="width:{share:.0f}%"></span></div>'
    )


def _worth(points: float, of: float, lang: Language) -> str:
    return text(word("of", lang, points=number(points), of=number(of)))


def _notes(result: Result, lang: Language) -> str:
    notes = [text(note.text(lang)) for note in result.notes]
    if result.doubtful:
        notes.append(text(word("review", lang)))
    if not notes:
        return ""
    items = "\n".join(f"<li>{note}</li>" for note in notes)
    return _section("notebook", text(word("notebook", lang)), f"<ul>\n{items}\n</ul>")


def _section(id: str, heading: str, body: str) -> str:
    return f'<section aria-labelledby="{id}">\n<h2 id="{id}">{heading}</h2>\n{body}\n</section>'


def _exercise(outcome: Outcome, count: int, lang: Language) -> str:
    worth = f'<span class="worth">{_worth(outcome.points, outcome.of, lang)}</span>'
    heading = f"{phrase(outcome.title.text(lang))} {worth}"
    items = [_verdict(verdict, lang) for verdict in outcome.seen().verdicts]
    items += _unseen(outcome, lang)
    body = '<ul class="checks" role="list">\n' + "\n".join(items) + "\n</ul>"
    return _section(f"exercise-{count}", heading, body)


def _verdict(verdict: Verdict, lang: Language) -> str:
    worth = f'<span class="worth">{_worth(verdict.points, verdict.of, lang)}</span>'
    told = [f"<p>{_state(verdict.state, lang)} {phrase(verdict.says.text(lang))} {worth}</p>"]
    if verdict.state != "passed":
        told.append(f'<p class="why">{phrase(verdict.why.text(lang))}</p>')
        if verdict.hint:
            told.append(_hint(verdict.hint.text(lang), lang))
    return _item(verdict.state, "".join(told))


def _item(state: str, body: str) -> str:
    mark = f'<span class="mark" aria-hidden="true">{MARKS[state]}</span>'
    return f'<li class="{state}">{mark}<div>{body}</div></li>'


def _state(state: str, lang: Language) -> str:
    return f'<span class="state">{text(word(state, lang))}</span>'


def _hint(hint: str, lang: Language) -> str:
    return f'<div class="hint"><strong>{text(word("hint", lang))}</strong>{prose(hint)}</div>'


def _unseen(outcome: Outcome, lang: Language) -> Iterator[str]:
    """What the hidden checks are worth together, in one line."""
    hidden = [verdict for verdict in outcome.verdicts if verdict.hidden]
    if not hidden:
        return
    points, of = sum(v.points for v in hidden), sum(v.of for v in hidden)
    state = "passed" if points == of else "not_yet"
    worth = f'<span class="worth">{_worth(points, of, lang)}</span>'
    yield _item(state, f"<p>{text(word('unseen', lang))} {worth}</p>")


def _errors(result: Result, lang: Language) -> str:
    if not result.errors:
        return ""
    told = [
        f"<details><summary>{text(word('error', lang, cell=error.cell))}</summary>"
        f"<pre>{text(error.text)}</pre></details>"
        for error in result.errors
    ]
    return _section("errors", text(word("errors", lang)), "\n".join(told))
