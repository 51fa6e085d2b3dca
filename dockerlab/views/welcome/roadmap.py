"""The chapters as cards with links, and what comes next.

Plain HTML, not a widget: in a notebook's output JupyterLab itself opens a link to a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from dockerlab.formats.welcome import Next, Stop, following
from dockerlab.views.drawing import page_style
from dockerlab.views.words import Language, Words

_STYLE = Path(__file__).with_name("roadmap.css")
_MARKS = {"new": "○", "opened": "◔", "begun": "◑", "finished": "✓"}


class Roadmap:
    """``Roadmap(stops, "ko")``; its ``repr`` says the same without links."""

    def __init__(self, stops: Sequence[Stop], lang: Language | None = None) -> None:
        self.words = Words(lang)
        self.stops = tuple(stops)

    @property
    def next(self) -> str:
        """What to do now, in a sentence."""
        return self._sentence(following(self.stops))

    def _sentence(self, step: Next) -> str:
        if step.stop is None:
            return self.words("welcome.next.all")
        return self.words(f"welcome.next.{step.what}", n=step.stop.number, title=step.stop.title)

    def __repr__(self) -> str:
        lines = [self.words("welcome.map")]
        lines += [f"{stop.number}. {stop.title}: {self._told(stop)}" for stop in self.stops]
        return "\n".join([*lines, f"{self.words('welcome.map.next')}: {self.next}"])

    def _told(self, stop: Stop) -> str:
        return ", ".join([self._state(stop), *self._counts(stop)])

    def _state(self, stop: Stop) -> str:
        return self.words(f"welcome.map.{stop.state}")

    def _counts(self, stop: Stop) -> list[str]:
        if not stop.exercises:
            return [self.words("welcome.map.lessons", n=stop.lessons)]
        return [
            self.words("welcome.map.items", done=stop.practised, all=stop.lessons),
            self.words("welcome.map.done", done=stop.done, all=stop.exercises),
        ]

    def _repr_html_(self) -> str:
        title = escape(self.words("welcome.map"))
        cards = "".join(self._card(stop) for stop in self.stops)
        return (
            f"<style>{page_style()}{_STYLE.read_text('utf-8')}</style>"
            f'<section class="dl-view dl-roadmap" lang="{self.words.lang}" aria-label="{title}">'
            f"<h2>{title}</h2><p>{escape(self.words('welcome.map.lead'))}</p>"
            f"{self._next()}<ol>{cards}</ol></section>"
        )

    def _next(self) -> str:
        step = following(self.stops)
        said = escape(self._sentence(step))
        if step.stop:
            page = step.stop.tasks if step.what == "practise" else step.stop.page
            said = f'<a href="{escape(page)}">{said}</a>'
        return f'<p class="dl-next"><strong>{self.words("welcome.map.next")}</strong> {said}</p>'

    def _card(self, stop: Stop) -> str:
        counts = "".join(f"<li>{escape(count)}</li>" for count in self._counts(stop))
        tasks = self.words("welcome.map.exercises")
        more = f'<a class="dl-tasks" href="{escape(stop.tasks)}">{tasks}</a>' if stop.tasks else ""
        here = following(self.stops).stop == stop
        return (
            f'<li class="dl-stop dl-{stop.state}{" dl-current" if here else ""}">'
            f'<a class="dl-page" href="{escape(stop.page)}">{escape(stop.title)}</a>'
            f'<div class="dl-state"><span aria-hidden="true">{_MARKS[stop.state]}</span> '
            f"{escape(self._state(stop))}</div>"
            f'<div class="dl-share" aria-hidden="true"><span style="width:{_share(stop)}%">'
            f"</span></div><ul>{counts}</ul>{more}</li>"
        )


def _share(stop: Stop) -> int:
    """Per cent of a chapter's exercises that are done."""
    return round(100 * stop.done / stop.exercises) if stop.exercises else 0
