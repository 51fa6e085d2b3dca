"""A console in the cell's output: a process's terminal, with a field to type into.

The process is real and attached; the widget shows what its terminal says and sends what is
typed. Where no widget can be shown (a plain terminal, no anywidget) there is no console, and the
lines of the cell's body are typed instead (``following.Script``).
"""

from __future__ import annotations

import atexit
import importlib.util
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dockerlab.client.sessions import Session
from dockerlab.magics.following import Reading

if TYPE_CHECKING:
    from dockerlab.magics.widget import ConsoleWidget

KEPT = 100_000
"""Characters that the console shows; what is older scrolls out."""
EVERY = 0.05
"""Seconds between two updates of the picture, so that a busy process does not flood it."""

_open: weakref.WeakSet[Console] = weakref.WeakSet()


class Console:
    """Couples a session and its widget until the process ends or ``close`` is called."""

    def __init__(self, session: Session, title: str, widget: ConsoleWidget) -> None:
        self.title = title
        self._session = session
        self._widget = widget
        self._changed = threading.Event()
        widget.on_typed(self.type)
        self._reading = Reading(session, self._changed.set)
        _open.add(self)
        threading.Thread(target=self._show, daemon=True, name="docker-console-view").start()

    @property
    def text(self) -> str:
        """What stands on the terminal."""
        with self._reading.condition:
            return self._reading.terminal.text.lstrip("\n")[-KEPT:]

    @property
    def ended(self) -> bool:
        return self._reading.ended

    def type(self, data: str) -> None:
        """Send keys: a line with its ``\\r``, or a control character."""
        self._session.send(data.encode())

    def close(self) -> None:
        """Leave, as closing a terminal window does: the process is told and let go."""
        if self.ended:
            return
        with suppress(Exception):
            self._session.signal("HUP")
        self._session.send(b"\x03\x04")
        self._reading.join(0.5)
        self._session.close()

    def _show(self) -> None:
        while not self.ended:
            self._changed.wait()
            self._changed.clear()
            self._widget.text = self.text
            time.sleep(EVERY)
        code = 0
        with suppress(Exception):
            code = self._session.exit_code()
        self._session.close()
        self._widget.text = self.text
        self._widget.finish(code)


def open_console(session: Session, title: str) -> bool:
    """Show a console in the current cell; False where none can be shown."""
    shell = _shell()
    if getattr(shell, "kernel", None) is None or importlib.util.find_spec("anywidget") is None:
        return False
    # The widget libraries take half a second to import; few cells open a console.
    from IPython import display

    from dockerlab.magics.widget import ConsoleWidget

    widget = ConsoleWidget(title=title)
    widget.console = Console(session, title, widget)
    show: Any = display.display
    show(widget)
    return True


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()


@atexit.register
def close_all() -> None:
    """Let go of every process when the notebook's kernel ends."""
    for console in list(_open):
        with suppress(Exception):
            console.close()
