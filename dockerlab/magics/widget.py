"""The picture of a console: a text that scrolls, a field, buttons for Ctrl-C and Ctrl-D."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from dockerlab.views.words import Words

if TYPE_CHECKING:
    from dockerlab.magics.console import Console

HERE = Path(__file__).parent


class ConsoleWidget(anywidget.AnyWidget):
    """Synced plain data, drawn by console.js. ``running`` is False once the process has ended.

    ``words`` are the labels in the learner's language.
    """

    _esm = HERE / "console.js"
    _css = HERE / "console.css"
    title = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    running = traitlets.Bool(True).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    words: Any = traitlets.Dict().tag(sync=True)
    console: Console | None = None

    def __init__(self, title: str) -> None:
        self._say = Words()
        labels = ("title", "output", "input", "field", "interrupt", "leave")
        words = {name: self._say(f"console.{name}").format(title=title) for name in labels}
        super().__init__(title=title, words=words, status=self._say("console.running"))

    def on_typed(self, send: Callable[[str], None]) -> None:
        """Call ``send`` with the keys that are typed in the browser."""

        def received(_: Any, message: Any, __: Any) -> None:
            keys = message.get("keys") if isinstance(message, dict) else None
            if isinstance(keys, str):
                send(keys)

        self.on_msg(received)

    def finish(self, code: int) -> None:
        """The process has ended: say so and take no more input."""
        self.running = False
        self.status = self._say("console.ended", code=code)

    def __repr__(self) -> str:
        shown = self.text or self._say("console.nothing")
        return f"{self.words['title']} ({self.status})\n{shown}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Beside the widget, a sentence for where none is drawn: GitHub, nbconvert."""
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            saved = self._say("console.saved", title=self.title)
            data["text/plain"] = saved
            data["text/html"] = f"<p><em>{escape(saved)}</em></p>"
        return bundle
