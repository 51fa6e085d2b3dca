"""The port map: which port of the host leads into which container, and which leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.formats.ports import Port, PortMap
from dockerlab.views.drawing import Drawing, text_width
from dockerlab.views.picture import PartsPicture
from dockerlab.views.words import Language

WIDTH = 960
TOP = 64.0
HOST, INSIDE = (24.0, 332.0), (560.0, 376.0)
"""Left edge and width of the host and of the containers."""
HEAD, ROW, GAP = 40.0, 62.0, 16.0
LOCAL = ("127.0.0.1", "::1")


class PortsView(PartsPicture):
    """``PortsView(ports)`` draws a ``PortMap``; the live form's ports are links."""

    def __init__(self, ports: PortMap, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.ports = ports

    @property
    def title(self) -> str:
        return self.words("port.title")

    @property
    def text(self) -> str:
        return "\n".join([self.title, *self._told()])

    def _told(self) -> Iterator[str]:
        if not self.ports.containers:
            yield self.words("port.nothing")
        for name in self.ports.containers:
            yield from map(self._sentence, self.ports.of(name))
            if not self.ports.of(name):
                yield self.words("port.none", name=name)

    def _sentence(self, port: Port) -> str:
        words, number = self.words, _number(port)
        if not port.open:
            return words(
                f"port.{port.reach}", port=number, name=port.container, option=_option(port)
            )
        said = words(
            f"port.{port.reach}",
            host=self._address(port),
            outside=port.host_port,
            port=number,
            name=port.container,
        )
        heard = self._heard(port)[0]
        if port.local:
            heard = words("port.local")
        return "; ".join([said, *([heard] if heard else []), *([port.url] if port.url else [])])

    def _address(self, port: Port) -> str:
        if not port.host:
            return self.words("port.everywhere")
        return self.words("port.here" if port.host in LOCAL else "port.at", host=port.host)

    def _heard(self, port: Port) -> tuple[str, str]:
        """Whether a program listens, in few words, and the accent of that."""
        if port.protocol != "tcp":
            return "", ""
        if port.listening is None:
            return self.words("port.unknown"), ""
        if not port.listening:
            return self.words("port.silent"), "orange"
        return (
            (self.words("port.local.short"), "red")
            if port.local
            else (self.words("port.heard"), "green")
        )

    def draw(self) -> Drawing:
        return self._drawn(links=False)

    def _drawn(self, links: bool) -> Drawing:
        heights = [self._height(name) for name in self.ports.containers]
        inner = sum(heights) + GAP * max(len(heights) - 1, 0) or 56.0
        height = TOP + inner + 24
        described = self.words("port.desc", all=". ".join(self._told()))
        drawing = Drawing(WIDTH, height, self.title, described)
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(24, 38, self.title, 17, bold=True)
        self._host(drawing, inner)
        y = TOP
        for name, high in zip(self.ports.containers, heights, strict=True):
            self._container(drawing, name, y, high, links)
            y += high + GAP
        if not heights:
            drawing.text(INSIDE[0], TOP + 32, self.words("port.nothing"), 14, "muted")
        return drawing

    def _height(self, name: str) -> float:
        return HEAD + max(len(self.ports.of(name)) * ROW, 28.0) + 4

    def _host(self, drawing: Drawing, inner: float) -> None:
        x, wide = HOST
        drawing.rect(x, TOP, wide, inner, "panel", "blue", 12)
        there = self.ports.host
        name = self.words("port.remote", host=there) if there else self.words("port.host")
        drawing.text(x + 16, TOP + 26, name, 15, "blue-text", bold=True, width=wide - 32)

    def _container(self, drawing: Drawing, name: str, y: float, high: float, links: bool) -> None:
        x, wide = INSIDE
        drawing.rect(x, y, wide, high, "panel", "green", 12)
        drawing.text(x + 16, y + 26, name, 15, "green-text", bold=True, mono=True, width=wide - 32)
        ports = self.ports.of(name)
        if not ports:
            drawing.text(x + 16, y + 50, self.words("port.none.short"), 13, "muted")
        for number, port in enumerate(ports):
            at = y + HEAD + number * ROW
            self._inside(drawing, port, at)
            if port.open:
                self._way(drawing, port, at, links)
            else:
                self._wall(drawing, port, at)

    def _inside(self, drawing: Drawing, port: Port, y: float) -> None:
        x, wide = INSIDE[0] + 10, INSIDE[1] - 20
        with drawing.group(data_tip=self._sentence(port), class_="part"):
            accent = "green" if port.open else "edge"
            fill = "green-soft" if port.open else "sunken"
            dash = "" if port.open else "5 4"
            drawing.rect(x, y, wide, ROW - 10, fill, accent, 8, stroke_dasharray=dash)
            label = self.words("port.inside", port=_number(port))
            drawing.text(x + 14, y + 22, label, 14, bold=True, mono=True)
            heard, ink = self._heard(port)
            note = self.words("port.shared.short") if port.reach == "shared" else heard
            if not port.open:
                key = "port.missing.heard" if port.listening else "port.missing"
                note, ink = self.words(key, option=_option(port)), "red"
            drawing.text(
                x + 14, y + 42, note, 12.5, f"{ink}-text" if ink else "muted", width=wide - 28
            )

    def _way(self, drawing: Drawing, port: Port, y: float, links: bool) -> None:
        x, wide = HOST[0] + 10, HOST[1] - 20
        if links and port.url:
            with drawing.link(port.url, self.words("port.open", url=port.url)):
                self._outside(drawing, port, x, y, wide, "blue-text")
        else:
            self._outside(drawing, port, x, y, wide, "ink")
        middle = y + (ROW - 10) / 2
        drawing.arrow((x + wide + 2, middle), (INSIDE[0] + 8, middle), "blue", width=3, head=11)

    def _outside(
        self, drawing: Drawing, port: Port, x: float, y: float, wide: float, ink: str
    ) -> None:
        drawing.rect(x, y, wide, ROW - 10, "blue-soft", "blue", 8)
        shown = port.url or f":{port.host_port}/{port.protocol}"
        mark = " ↗" if ink == "blue-text" else ""
        drawing.text(
            x + 14, y + 22, f"{shown}{mark}", 14, ink, mono=True, bold=True, width=wide - 28
        )
        drawing.text(x + 14, y + 42, self._address(port), 12.5, "muted", width=wide - 28)

    def _wall(self, drawing: Drawing, port: Port, y: float) -> None:
        """A way that ends before the container."""
        middle = y + (ROW - 10) / 2
        left, stop = HOST[0] + HOST[1] + 8, INSIDE[0] - 14
        drawing.line(left, middle, stop, middle, "red", stroke_width=2, stroke_dasharray="3 6")
        drawing.rect(stop, y + 4, 8, ROW - 18, "red", "", 2)
        label = self.words("port.wall")
        wide = text_width(label, 12) + 14
        at = (left + stop) / 2
        drawing.rect(at - wide / 2, middle - 10, wide, 20, "canvas", "", 4)
        drawing.text(at, middle + 4, label, 12, "red-text", anchor="middle", bold=True)

    def live_svg(self) -> str:
        return self._drawn(links=True).svg(live=True)


def _number(port: Port) -> str:
    return str(port.port) if port.protocol == "tcp" else f"{port.port}/{port.protocol}"


def _option(port: Port) -> str:
    """What to give to ``docker run``."""
    return f"-p {port.port}:{_number(port)}"
