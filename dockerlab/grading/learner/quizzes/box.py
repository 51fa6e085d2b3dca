"""The widget of a quiz: fields that are the page's own, so that keys and readers know them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from dockerlab.errors import DockerlabError
from dockerlab.grading.learner import marks
from dockerlab.views.live import Live, module, style

if TYPE_CHECKING:
    from dockerlab.grading.learner.quizzes.questions import Asked
    from dockerlab.grading.learner.quizzes.quiz import Quiz

_HERE = Path(__file__).parent


class QuizBox(Live):
    """The browser sends ``{"question": name, "value": …}``; ``values`` are the answers kept.

    ``code`` is the call that holds the same, ``told`` the answers in the options' words.
    """

    _esm = module(_HERE / "box")
    _css = style(_HERE.parent / "learner", _HERE / "box")
    questions: Any = traitlets.List().tag(sync=True)
    values: Any = traitlets.Dict().tag(sync=True)
    told: Any = traitlets.Dict().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode().tag(sync=True)

    def __init__(self, quiz: Quiz) -> None:
        self._quiz = quiz
        super().__init__(
            title=quiz.title,
            words=quiz.labels(),
            questions=[_plain(asked) for asked in quiz.questions],
            **self._kept(),
        )
        self.on_msg(self._answered)

    def _kept(self) -> dict[str, Any]:
        quiz = self._quiz
        values = dict(quiz.values)
        told = {
            one.name: one.told(values[one.name]) for one in quiz.questions if one.name in values
        }
        return {"text": quiz.text, "values": values, "told": told, "code": quiz.code}

    def _answered(self, _: object, content: object, __: object) -> None:
        if not isinstance(content, dict):
            return
        self.error = ""
        try:
            self._quiz.answer(str(content.get("question")), content.get("value"))
        except (DockerlabError, OSError) as error:
            self.error = str(error)
        with self.hold_sync():
            for name, value in self._kept().items():
                setattr(self, name, value)


def _plain(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.name,
        "kind": asked.kind,
        "prompt": marks.html(asked.prompt),
        "options": [
            {"name": name, "text": text.replace("`", ""), "html": marks.inline(text)}
            for name, text in asked.options.items()
        ],
    }
