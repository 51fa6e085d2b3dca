"""The picture of a console: a text that scrolls, a field, buttons for Ctrl-C and Ctrl-D."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

if TYPE_CHECKING:
    from dockerlab.magics.console import Console

HERE = Path(__file__).parent


class ConsoleWidget(anywidget.AnyWidget):
    """Synced plain data, drawn by console.js. ``running`` is False once the process has ended."""

    _esm = HERE / "console.js"
    _css = HERE / "console.css"
    title = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    running = traitlets.Bool(True).tag(sync=True)
    status = traitlets.Unicode("running").tag(sync=True)
    console: Console | None = None

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
        self.status = f"ended with exit code {code}"

    def __repr__(self) -> str:
        shown = self.text or "(nothing written yet)"
        return f"Console of {self.title}, {self.status}.\n{shown}"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Beside the widget, a text for where no widget is drawn: GitHub, nbconvert."""
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = (
                f"Interactive console of {self.title}. Open the notebook in JupyterLab to type"
                " into it, or give the lines in the body of a %%docker cell."
            )
        return bundle
