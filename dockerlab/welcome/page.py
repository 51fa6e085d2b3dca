"""The start page: what stands on it, and what its buttons do."""

from __future__ import annotations

import threading
from typing import Any, get_args

from dockerlab.client.explain import explained
from dockerlab.client.lab import Lab
from dockerlab.errors import DockerlabError
from dockerlab.formats.story import RunStory
from dockerlab.formats.welcome import Here
from dockerlab.grading.learner.notice import show
from dockerlab.views.welcome.panel import Panel
from dockerlab.views.welcome.roadmap import Roadmap
from dockerlab.views.words import Language
from dockerlab.welcome import language
from dockerlab.welcome.firstrun import first_run
from dockerlab.welcome.here import look
from dockerlab.welcome.journey import journey


def welcome(lang: Language | None = None) -> None:
    """Show the start page: where you are, a first container, the chapters and your progress.

    The language is the one that you chose on it last, unless ``lang`` says another.

    >>> import dockerlab
    >>> dockerlab.welcome()  # doctest: +SKIP
    """
    StartPage(lang).show()


class StartPage:
    """One page and what it has done so far."""

    def __init__(self, lang: Language | None = None) -> None:
        self.lang: Language = lang or language.language()
        self.story: RunStory | None = None
        self.error = ""
        self.here: Here
        self._lab: Lab | None
        self.search()
        self._guess = lang is None and language.open_to_guess()
        self._widget: Any = None
        self._map: Any = None

    @property
    def panel(self) -> Panel:
        return Panel(self.here, self.story, self.lang, error=self.error)

    @property
    def roadmap(self) -> Roadmap:
        return Roadmap(journey(self.lang), self.lang)

    def __repr__(self) -> str:
        return self.panel.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": self.panel.text, "text/html": self.panel.html()}
        if self._widget is None:
            self._widget = self.panel.live(guess=self._guess)
            if self._widget is not None:
                self._widget.on_msg(self._told)
        if self._widget is not None:
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._widget.model_id,
            }
        return bundle

    def show(self) -> None:
        """Panel and map below the cell; outside a notebook both are printed."""
        show(self)
        try:
            from IPython.display import display
        except ModuleNotFoundError:
            print(self.roadmap)
            return
        self._map = display(self.roadmap, display_id=True)  # type: ignore[no-untyped-call]

    def choose(self, lang: Language, *, guess: bool = False) -> None:
        """Go on in another language, and keep it unless it was only guessed."""
        if not guess:
            language.keep(lang)
        self.lang = lang
        self._refresh()
        self._draw_map()

    def search(self) -> None:
        """Look for an engine once more."""
        self.here, self._lab = look()

    def run(self) -> None:
        """The first container; where nobody answers, look who is there now."""
        if self._lab is None:
            return
        self.story, self.error = None, ""
        try:
            with explained():
                self.story = first_run(self._lab, self._fetched)
        except (DockerlabError, OSError) as error:
            self.error = getattr(error, "message", "") or str(error)
            self.search()

    def _fetched(self, done: str) -> None:
        if self._widget is not None:
            self._widget.progress = self.panel.words("welcome.first.pulling", done=done)

    def _told(self, widget: Any, content: object, _: object) -> None:
        """A message from the page."""
        asked = content if isinstance(content, dict) else {}
        action = asked.get("action")
        if action == "language" and asked.get("lang") in get_args(Language):
            self.choose(asked["lang"], guess=bool(asked.get("guess")))
        elif action == "map":
            self._draw_map()
        elif action in ("look", "run") and not widget.busy:
            widget.progress = self.panel.words(
                "welcome.looking" if action == "look" else "welcome.first.asking"
            )
            widget.busy = str(action)
            # Not in the kernel's own thread: cells should go on.
            does = self.search if action == "look" else self.run
            threading.Thread(target=self._act, args=(widget, does), daemon=True).start()

    def _act(self, widget: Any, does: Any) -> None:
        try:
            does()
        finally:
            self._refresh()
            widget.busy = ""

    def _refresh(self) -> None:
        if self._widget is None:
            return
        with self._widget.hold_sync():
            for name, value in self.panel.traits().items():
                setattr(self._widget, name, value)

    def _draw_map(self) -> None:
        if self._map is not None:
            self._map.update(self.roadmap)
