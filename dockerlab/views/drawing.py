"""A small SVG pen: one drawing serves the live view, GitHub, nbconvert and a screen reader.

Colours are asked for by role ("ink", "blue", "green-soft" …), never by value. Each shape gets
the light value as an attribute, for readers of SVG that know no CSS, and a class whose value is
a CSS variable, so that a dark page repaints the same drawing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr

# role → (light, dark). The accents are Okabe and Ito's, told apart with every colour vision;
# the "-text" ones are darkened or lightened until they reach a contrast of 4.5 on a panel, and
# "edge", the border of fields, 3.
COLOURS: dict[str, tuple[str, str]] = {
    "canvas": ("#f6f8fa", "#15191f"),
    "panel": ("#ffffff", "#1f252d"),
    "sunken": ("#edf0f3", "#2a313b"),
    "line": ("#cbd2da", "#46505c"),
    "edge": ("#858f9a", "#74808d"),
    "ink": ("#1c2128", "#e8edf2"),
    "muted": ("#57606a", "#a5b0bc"),
    "screen": ("#1c2733", "#0c1015"),
    "screen-ink": ("#e6f2ea", "#e6f2ea"),
    "screen-muted": ("#8fa3b3", "#8fa3b3"),
    "blue": ("#0072b2", "#4fa8dd"),
    "blue-soft": ("#e1eff8", "#17344a"),
    "blue-text": ("#005f94", "#8ac8f0"),
    "green": ("#009e73", "#2fc498"),
    "green-soft": ("#dff4ec", "#123a2e"),
    "green-text": ("#006b4e", "#7fe0c0"),
    "orange": ("#e69f00", "#f2b632"),
    "orange-soft": ("#fdf2d8", "#453410"),
    "orange-text": ("#805600", "#f5cd74"),
    "red": ("#d55e00", "#f5853f"),
    "red-soft": ("#fbe8da", "#4a2710"),
    "red-text": ("#a34700", "#ffb184"),
    "purple": ("#cc79a7", "#dd96bd"),
    "purple-soft": ("#f8eaf2", "#432a39"),
    "purple-text": ("#8a3d68", "#f0bcd7"),
    "on-accent": ("#ffffff", "#0d1117"),
    "on-warm": ("#0d1117", "#0d1117"),
}

SANS = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans KR', 'Apple SD Gothic Neo', "
    "'Malgun Gothic', NanumGothic, sans-serif"
)
MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_NARROW = set("ijl.,:;'|!tfr()[]{} `-/")
_WIDE = set("mwMW@%—→…")


def _variables(dark: bool) -> str:
    return "".join(f"--dl-{role}:{pair[dark]};" for role, pair in COLOURS.items())


def _classes() -> str:
    rules = [f".dl text{{font-family:{SANS}}}.dl .mono{{font-family:{MONO}}}"]
    for role in COLOURS:
        rules.append(f".dl .f-{role}{{fill:var(--dl-{role})}}")
        rules.append(f".dl .s-{role}{{stroke:var(--dl-{role})}}")
    return "".join(rules)


def still_style() -> str:
    """CSS inside a picture that stands alone: it follows the reader's system."""
    dark = f"@media (prefers-color-scheme:dark){{svg.dl{{{_variables(True)}}}}}"
    return f"svg.dl{{{_variables(False)}}}{dark}{_classes()}"


def live_style() -> str:
    """CSS for drawings inside a live view."""
    return page_style() + _classes()


def page_style() -> str:
    """The colours as variables, for what is no drawing: they follow JupyterLab's theme where
    there is one, else the reader's system."""
    dark = _variables(True)
    jupyter = "--dl-canvas:var(--jp-layout-color1);--dl-ink:var(--jp-ui-font-color0);"
    return (
        f".dl-view{{{_variables(False)}--dl-sans:{SANS};--dl-mono:{MONO}}}"
        f"@media (prefers-color-scheme:dark){{body:not([data-jp-theme-light]) .dl-view{{{dark}}}}}"
        f"[data-jp-theme-light=false] .dl-view{{{dark}}}"
        f"[data-jp-theme-light] .dl-view{{{jupyter}}}"
    )


def text_width(text: str, size: float = 14, mono: bool = False, bold: bool = False) -> float:
    """Pixels that ``text`` will take, estimated a little high: SVG cannot wrap by itself."""
    ems = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            ems += 0.96
        elif mono:
            ems += 0.615
        elif char in _NARROW:
            ems += 0.38
        elif char in _WIDE or char.isupper():
            ems += 0.8
        else:
            ems += 0.61
    return ems * size * (1.09 if bold and not mono else 1.0)


def wrap(text: str, width: float, size: float = 14, mono: bool = False) -> list[str]:
    """Break ``text`` at spaces (or anywhere, when one word is too long) to fit ``width``."""
    lines = [""]
    for word in re.findall(r"\S+\s*", text):
        if text_width((lines[-1] + word).rstrip(), size, mono) > width and lines[-1]:
            lines.append("")
        while text_width(word.rstrip(), size, mono) > width and len(word) > 1:
            cut = len(clip(word, width, size, mono)) - 1
            lines[-1], word = word[: max(cut, 1)], word[max(cut, 1) :]
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def clip(text: str, width: float, size: float = 14, mono: bool = False) -> str:
    """``text``, cut with an ellipsis when it is wider than ``width``."""
    if text_width(text, size, mono) <= width:
        return text
    while text and text_width(text + "…", size, mono) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _attributes(attributes: dict[str, object]) -> str:
    pairs = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return "".join(f" {name}={_quoted(_number(value))}" for name, value in pairs if value != "")


def _number(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _clean(text: str) -> str:
    """XML knows no control characters, and a container may write any."""
    return escape(_CONTROL.sub("�", text))


def _quoted(text: str) -> str:
    return quoteattr(_CONTROL.sub("�", text))


def upon(fill: str) -> str:
    """The colour of letters on a filled accent: white is too faint on most of them."""
    return {"ink": "panel", "muted": "panel", "blue": "on-accent"}.get(fill, "on-warm")


class Drawing:
    """An SVG picture of fixed size under construction; y grows downwards."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width, self.height = width, height
        self.title, self.description = title, description
        self._parts: list[str] = []

    def _shape(self, tag: str, fill: str, stroke: str, attributes: dict[str, object]) -> None:
        paint: dict[str, object] = {"fill": "none", "stroke": ""}
        classes = [str(attributes.pop("class_", ""))]
        if fill:
            paint["fill"] = COLOURS[fill][0]
            classes.append(f"f-{fill}")
        if stroke:
            paint["stroke"] = COLOURS[stroke][0]
            classes.append(f"s-{stroke}")
        names: dict[str, object] = {"class": " ".join(filter(None, classes))}
        self._parts.append(f"<{tag}{_attributes(names | paint | attributes)}/>")

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "panel",
        stroke: str = "line",
        r: float = 8,
        **more: object,
    ) -> None:
        shape: dict[str, object] = {"x": x, "y": y, "width": width, "height": height, "rx": r}
        self._shape("rect", fill, stroke, shape | more)

    def circle(
        self, x: float, y: float, r: float, fill: str = "", stroke: str = "", **more: object
    ) -> None:
        self._shape("circle", fill, stroke, {"cx": x, "cy": y, "r": r} | more)

    def path(self, d: str, fill: str = "", stroke: str = "", **more: object) -> None:
        self._shape("path", fill, stroke, {"d": d} | more)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str = "line", **more: object
    ) -> None:
        self.path(f"M{_number(x1)} {_number(y1)}L{_number(x2)} {_number(y2)}", "", stroke, **more)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 14,
        fill: str = "ink",
        *,
        anchor: str = "start",
        bold: bool = False,
        mono: bool = False,
        width: float = 0,
        **more: object,
    ) -> None:
        """``y`` is the baseline; with ``width``, what does not fit is cut with an ellipsis."""
        shown = clip(text, width, size, mono) if width else text
        attributes: dict[str, object] = {
            "class": f"{'mono ' if mono else ''}f-{fill}",
            "x": x,
            "y": y,
            "fill": COLOURS[fill][0],
            "font-size": size,
            "font-family": MONO if mono else SANS,
            "text-anchor": "" if anchor == "start" else anchor,
            "font-weight": 650 if bold else "",
            "xml:space": "preserve",
        }
        self._parts.append(f"<text{_attributes(attributes | more)}>{_clean(shown)}</text>")

    def rich(
        self, x: float, y: float, runs: Sequence[tuple[str, dict[str, object]]], size: float = 14
    ) -> None:
        """One line of letters of several kinds; a run says ``fill``, ``mono`` and attributes."""
        spans = []
        for text, how in runs:
            more = dict(how)
            fill, mono = str(more.pop("fill", "ink")), more.pop("mono", False)
            look: dict[str, object] = {"class": f"f-{fill}", "fill": COLOURS[fill][0]}
            if mono:
                look |= {"class": f"mono f-{fill}", "font-family": MONO}
            spans.append(f"<tspan{_attributes(look | more)}>{_clean(text)}</tspan>")
        place = {"x": x, "y": y, "font-size": size, "font-family": SANS, "xml:space": "preserve"}
        self._parts.append(f"<text{_attributes(place)}>{''.join(spans)}</text>")

    def lines(self, x: float, y: float, lines: Sequence[str], step: float, **how: object) -> None:
        for number, line in enumerate(lines):
            self.text(x, y + number * step, line, **how)  # type: ignore[arg-type]

    def arrow(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        stroke: str = "ink",
        *,
        bend: float = 0,
        width: float = 2,
        head: float = 8,
        **more: object,
    ) -> tuple[float, float]:
        """A line with a head, bent sideways by ``bend`` pixels; returns the middle of it."""
        (x1, y1), (x2, y2) = start, end
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
        cx = (x1 + x2) / 2 - (y2 - y1) / length * bend * 2
        cy = (y1 + y2) / 2 + (x2 - x1) / length * bend * 2
        reach = ((x2 - cx) ** 2 + (y2 - cy) ** 2) ** 0.5 or 1.0
        ux, uy = (x2 - cx) / reach, (y2 - cy) / reach
        bx, by = x2 - ux * head, y2 - uy * head
        d = f"M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}"
        self.path(d, "", stroke, stroke_width=width, stroke_linecap="round", **more)
        half = head * 0.55
        left, right = (bx - uy * half, by + ux * half), (bx + uy * half, by - ux * half)
        tip = f"M{left[0]:.1f} {left[1]:.1f}L{x2:.1f} {y2:.1f}L{right[0]:.1f} {right[1]:.1f}Z"
        self.path(tip, stroke, "", class_="head")
        return (x1 + 2 * cx + x2) / 4, (y1 + 2 * cy + y2) / 4

    def badge(self, x: float, y: float, label: str, fill: str = "ink", r: float = 11) -> None:
        """A filled disc with a short label in the middle."""
        self.circle(x, y, r, fill)
        self.text(x, y + r * 0.4, label, r * 1.15, upon(fill), anchor="middle", bold=True)

    def chip(
        self,
        x: float,
        y: float,
        text: str,
        accent: str = "",
        *,
        anchor: str = "start",
        size: float = 12,
        mono: bool = False,
    ) -> float:
        """A pill with a word in it, top left (or right) at x, y; returns its width."""
        wide = text_width(text, size, mono, bold=True) + 18
        left = x - wide if anchor == "end" else x - wide / 2 if anchor == "middle" else x
        fill, ink = (f"{accent}-soft", f"{accent}-text") if accent else ("sunken", "muted")
        self.rect(left, y, wide, size + 10, fill, "", (size + 10) / 2)
        middle = left + wide / 2
        self.text(middle, y + size + 2.5, text, size, ink, anchor="middle", bold=True, mono=mono)
        return wide

    def insert(self, svg: str) -> None:
        """Take over a ready piece of SVG as it is (a chart)."""
        self._parts.append(svg)

    @contextmanager
    def group(self, title: str = "", **attributes: object) -> Iterator[None]:
        """Shapes that belong together; ``title`` becomes a tooltip."""
        tip = f"<title>{_clean(title)}</title>" if title else ""
        self._parts.append(f"<g{_attributes(attributes)}>{tip}")
        yield
        self._parts.append("</g>")

    @contextmanager
    def link(self, url: str, label: str) -> Iterator[None]:
        """Shapes that open ``url`` in a new tab; for live drawings, an image has no links."""
        self._parts.append(
            f'<a href={_quoted(url)} target="_blank" rel="noopener" aria-label={_quoted(label)}>'
        )
        yield
        self._parts.append("</a>")

    def svg(self, live: bool = False) -> str:
        """The finished document; ``live`` leaves the colours to the page around it."""
        style = "" if live else f"<style>{still_style()}</style>"
        size = f'viewBox="0 0 {_number(self.width)} {_number(self.height)}"'
        fixed = "" if live else f' width="{_number(self.width)}" height="{_number(self.height)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="dl" {size}{fixed} role="img" '
            f"aria-label={_quoted(self.title)}>"
            f"<title>{_clean(self.title)}</title><desc>{_clean(self.description)}</desc>{style}"
            f"{''.join(self._parts)}</svg>"
        )
