"""What every view is: a drawing, the same story as text, and a live widget where one can be.

An output that holds a view keeps three forms side by side, and each reader takes the best it
knows: JupyterLab the widget, GitHub and nbconvert the SVG, a terminal or a test the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerlab.views.drawing import Drawing
from dockerlab.views.words import Language, Words

if TYPE_CHECKING:
    from dockerlab.views.live import Live, LiveParts


class Picture:
    """Base of the views; a subclass says ``draw``, ``text`` and, to be live, ``animate``."""

    def __init__(self, lang: Language | None = None) -> None:
        self.words = Words(lang)
        self.lang: Language = self.words.lang
        self._widget: Live | None = None

    def draw(self) -> Drawing:
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The picture told in words, one fact a line."""
        raise NotImplementedError

    @property
    def svg(self) -> str:
        """The picture as a document of its own."""
        return self.draw().svg()

    def animate(self) -> Live | None:
        """A fresh widget, or None for a picture that does not move.

        Widgets live in ``dockerlab.views.live``, imported only here: that takes half a second.
        """
        return None

    @property
    def widget(self) -> Live | None:
        """The live form; None where the notebook extras are not installed."""
        if self._widget is None:
            try:
                self._widget = self.animate()
            except ModuleNotFoundError as error:
                if error.name not in ("anywidget", "ipywidgets"):
                    raise
        return self._widget

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: dict[str, Any] = {"text/plain": self.text, "image/svg+xml": self.svg}
        widget = self.widget
        if widget is not None:
            bundle["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": widget.model_id,
            }
        # nbconvert takes the alternative text of a picture from its metadata.
        return bundle, {"image/svg+xml": {"alt": self.text}}


class PartsPicture(Picture):
    """A picture whose parts tell more of themselves when they are pointed at."""

    def animate(self) -> LiveParts | None:
        from dockerlab.views.live import LiveParts  # costs half a second: only when shown

        return LiveParts(
            svg=self.live_svg(),
            text=self.text,
            title=self.title,
            words=self.words.all("view."),
        )

    @property
    def title(self) -> str:
        raise NotImplementedError

    def live_svg(self) -> str:
        """The picture as the notebook moves it: without the styles of a document of its own."""
        return self.draw().svg(live=True)
