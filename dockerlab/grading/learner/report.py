"""An outcome, to read: a list of what was checked, each with why it is so and what may help."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.grading.learner import marks
from dockerlab.grading.learner.notice import framed
from dockerlab.grading.outcome import Outcome, Saying, State, Verdict, say
from dockerlab.views.words import Language, default_language

MARKS: dict[State, str] = {
    "passed": "✓",
    "partly": "◐",
    "not_yet": "✗",
    "not_attempted": "○",
    "waiting": "·",
    "unchecked": "?",
}
"""Beside a word, never instead of one."""


class Report:
    """``str`` for a terminal or a log, HTML in a notebook; hidden verdicts are in neither.

    ``more`` is said at the end, unless all is done.
    """

    def __init__(
        self, outcome: Outcome, more: Saying | None = None, lang: Language | None = None
    ) -> None:
        self.outcome = outcome.seen()
        self.more = more
        self.lang = lang or default_language()
        self._untouched = [v.name for v in self.outcome.verdicts if v.state == "not_attempted"]

    def __repr__(self) -> str:
        head = f"{MARKS[self.outcome.state]} {self._title}: {self._state}, {self._points}"
        told = [line for verdict in self.outcome.verdicts for line in self._told(verdict)]
        end = [line for saying in self._end() for line in marks.lines(self._text(saying))]
        return "\n".join([head, *told, *end])

    def _told(self, verdict: Verdict) -> Iterator[str]:
        points = f"{number(verdict.points)}/{number(verdict.of)}"
        first, *rest = marks.lines(self._text(verdict.says), "    ")
        yield f"  {MARKS[verdict.state]} {first.strip()}  [{points}]"
        yield from rest
        if verdict.state == "passed":
            return
        yield from marks.lines(self._text(verdict.why), "      ")
        if hint := self._hint(verdict):
            first, *rest = marks.lines(self._text(hint), "        ")
            yield f"      → {first.lstrip()}"
            yield from rest

    def _repr_html_(self) -> str:
        state = self.outcome.state
        head = (
            f'<p class="dl-head"><strong>{marks.inline(self._title)}</strong>'
            f'{_chip(state, self._state)}<span class="dl-points">{self._points}</span></p>'
        )
        rows = "".join(self._row(verdict) for verdict in self.outcome.verdicts)
        label = self._text(say("outcome.checks"))
        # Without the role Safari would not read a list that has no bullets as one.
        body = f'<ul role="list" aria-label="{label}">{rows}</ul>'
        end = "".join(f'<p class="dl-end">{self._inline(one)}</p>' for one in self._end())
        return framed(f"{self._title}: {self._state}", head + body + end, kind="outcome")

    def _row(self, verdict: Verdict) -> str:
        worth = say("outcome.worth", points=number(verdict.points), of=number(verdict.of))
        parts = [
            f'<p class="dl-says">{self._inline(verdict.says)}'
            f" {_chip(verdict.state, self._word(verdict.state))}</p>"
        ]
        if verdict.state != "passed":
            parts.append(f'<div class="dl-why">{marks.html(self._text(verdict.why))}</div>')
            if hint := self._hint(verdict):
                parts.append(self._boxed(hint))
        told = "".join(parts)
        return (
            f'<li class="dl-{verdict.state}"><span class="dl-mark" aria-hidden="true">'
            f"{MARKS[verdict.state]}</span><div>{told}</div>"
            f'<span class="dl-points">{self._text(worth)}</span></li>'
        )

    def _hint(self, verdict: Verdict) -> Saying | None:
        """One step at a time: of what was not begun, only the first gets the check's own hint."""
        begun = verdict.state != "not_attempted" or verdict.spotted
        return verdict.hint if begun or verdict.name == self._untouched[0] else None

    def _boxed(self, hint: Saying) -> str:
        title = self._text(say("outcome.hint"))
        return f'<div class="dl-hint"><strong>{title}</strong>{marks.html(self._text(hint))}</div>'

    def _end(self) -> Iterator[Saying]:
        if self.outcome.state == "unchecked":
            yield say("outcome.unchecked")
        elif self.outcome.state == "passed":
            yield say("outcome.bravo")
        elif self.more:
            yield self.more

    @property
    def _title(self) -> str:
        return self._text(self.outcome.title)

    @property
    def _state(self) -> str:
        return self._word(self.outcome.state)

    @property
    def _points(self) -> str:
        points, of = number(self.outcome.points), number(self.outcome.of)
        return self._text(say("outcome.points", points=points, of=of))

    def _word(self, state: State) -> str:
        return self._text(say(f"state.{state}"))

    def _text(self, saying: Saying) -> str:
        return saying.text(self.lang)

    def _inline(self, saying: Saying) -> str:
        return marks.inline(self._text(saying))


def _chip(state: State, word: str) -> str:
    return f'<span class="dl-chip dl-{state}">{word}</span>'


def number(points: float) -> str:
    """
    >>> number(2.0), number(0.5)
    ('2', '0.5')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")
