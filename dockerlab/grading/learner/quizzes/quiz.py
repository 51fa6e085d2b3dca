"""Questions that leave no state in an engine: in words, and as a widget where there can be one.

What is answered goes into the exercise's folder, as by ``answer``, and is checked from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dockerlab.errors import DockerlabError
from dockerlab.grading.learner import marks
from dockerlab.grading.learner.desk import Desk
from dockerlab.grading.learner.notice import framed
from dockerlab.grading.learner.quizzes.line import line
from dockerlab.grading.learner.quizzes.questions import Asked, Questions
from dockerlab.grading.outcome import say
from dockerlab.grading.words import CATALOGUE
from dockerlab.views.words import Language, Words, default_language

if TYPE_CHECKING:
    from dockerlab.grading.learner.quizzes.box import QuizBox


class Quiz:
    """The questions of one exercise."""

    def __init__(
        self,
        id: str,
        questions: Questions,
        desk: Desk,
        lang: Language | None = None,
        given: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.id = id
        self.given = given
        """What the call holds."""
        self.lang = lang or default_language()
        self.title = self.word("quiz.title", title=questions.title)
        self.questions = questions.asked
        self._desk = desk

    def word(self, key: str, **fields: object) -> str:
        return say(key, **fields).text(self.lang)

    @property
    def values(self) -> Mapping[str, Any]:
        """What was answered so far, as far as it is an answer."""
        kept = self._desk.answers(self.id)
        return {
            asked.name: kept[asked.name]
            for asked in self.questions
            if asked.fits(kept.get(asked.name))
        }

    def answer(self, question: str, value: Any) -> None:
        """Keep an answer. Raises DockerlabError for what is none."""
        asked = next((one for one in self.questions if one.name == question), None)
        if asked is None or not asked.fits(value):
            raise DockerlabError(
                f"{value!r} is no answer to {question!r}",
                f"quiz({self.id!r}) shows the questions and what can be answered",
            )
        self._desk.click(self.id, question, value)

    @property
    def code(self) -> str:
        """The call that holds the same answers; "" where the one that was made does."""
        values = self.values
        return line(self.id, values) if values != self.given else ""

    @property
    def text(self) -> str:
        values = self.values
        return "\n\n".join([self.title, *(self._asked(one, values) for one in self.questions)])

    def _asked(self, asked: Asked, values: Mapping[str, Any]) -> str:
        options = [
            line
            for name, text in asked.options.items()
            for line in marks.lines(f"{name}: {text}", "    ")
        ]
        head = f"[{asked.name}] {self.word(f'quiz.kind.{asked.kind}')}"
        return "\n".join([*marks.lines(asked.prompt), *options, head, self._kept(asked, values)])

    def _kept(self, asked: Asked, values: Mapping[str, Any]) -> str:
        if asked.name not in values:
            return self.word("quiz.unkept")
        return self.word("quiz.answered", value=asked.told(values[asked.name]))

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        values = self.values
        told = "".join(self._question(one, values) for one in self.questions)
        return framed(
            self.title, f"<p><strong>{escape(self.title)}</strong></p>{told}", kind="note"
        )

    def _question(self, asked: Asked, values: Mapping[str, Any]) -> str:
        options = "".join(
            f"<li><code>{escape(name)}</code>: {marks.inline(text)}</li>"
            for name, text in asked.options.items()
        )
        kind = f"<code>{escape(asked.name)}</code>: {self.word(f'quiz.kind.{asked.kind}')}"
        kept = escape(self._kept(asked, values))
        listed = f"<ul>{options}</ul>" if options else ""
        return f"{marks.html(asked.prompt)}{listed}<p>{kind} <em>{kept}</em></p>"

    @cached_property
    def widget(self) -> QuizBox | None:
        """None where the notebook extras are not installed."""
        try:
            from dockerlab.grading.learner.quizzes.box import QuizBox  # costs half a second
        except ModuleNotFoundError as error:
            if error.name not in ("anywidget", "ipywidgets", "traitlets"):
                raise
            return None
        return QuizBox(self)

    def labels(self) -> Mapping[str, str]:
        """The words of the widget."""
        column = self.lang == "ko"
        own = {key: pair[column] for key, pair in CATALOGUE.items() if key.startswith("quiz.")}
        return own | Words(self.lang).all("view.")

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": self.text, "text/html": self._repr_html_()}
        if self.widget is not None:
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.widget.model_id,
            }
        return bundle
