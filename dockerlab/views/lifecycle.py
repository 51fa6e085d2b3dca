"""A container's life cycle: where it is, the way it came, and buttons that really act."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

from dockerlab.formats.story import ACTIONS, TRANSITIONS, State, Step
from dockerlab.views.acting import ActingPicture
from dockerlab.views.drawing import Drawing, text_width, upon
from dockerlab.views.lifemap import BOX, EDGES, PLACES, Edge, edge_of, head
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveActions

WIDTH, HEIGHT = 960, 540
ACCENTS = {
    "absent": "",
    "created": "blue",
    "running": "green",
    "paused": "orange",
    "restarting": "green",
    "exited": "red",
    "removed": "",
}


class Life(Protocol):
    """What is needed to draw: ``formats.story.Life`` has it, ``client.watch.Watch`` too."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def history(self) -> tuple[Step, ...]: ...
    @property
    def can_create(self) -> bool: ...


def reason(action: str, state: State, can_create: bool = True) -> str:
    """Why ``action`` is not possible now, as a key of the catalogue; empty when it is."""
    possible = action in TRANSITIONS[state]
    if action == "create":
        if not possible:
            return "life.why.exists"
        return "" if can_create else "life.why.image"
    if possible:
        return ""
    if state in ("absent", "removed"):
        return f"life.why.{state}"
    if action == "rm":
        return "life.why.rm"
    if action == "unpause":
        return "life.why.unpause"
    if action == "pause" and state in ("created", "exited"):
        return "life.why.pause"
    return f"life.why.{state}"


class LifeView(ActingPicture):
    """``LifeView(watch)`` is live; ``LifeView(Life(…))`` draws one moment."""

    actions = ACTIONS
    topic = "life"

    def __init__(self, life: Life, lang: Language | None = None) -> None:
        super().__init__(life, lang)
        self.life = life

    @property
    def title(self) -> str:
        return self.words("life.title", name=self.life.name)

    @property
    def text(self) -> str:
        now = self.words(f"life.{self.life.state}")
        return "\n".join([f"{self.title}: {now}", *self._told()])

    def _told(self) -> list[str]:
        told = []
        for number, step in enumerate(self.life.history, 1):
            line = self.words(
                "life.step",
                n=number,
                action=self._action(step.action),
                before=self.words(f"life.{step.before}"),
                after=self.words(f"life.{step.after}"),
            )
            code = step.exit_code
            ended = f", {self.words('life.exit', code=code)}" if code is not None else ""
            told.append(f"{line} (+{round(step.at)} ms{ended})")
        return told or [self.words("life.nothing")]

    def _action(self, action: str) -> str:
        return self.words("life.end") if action == "end" else action

    def draw(self) -> Drawing:
        state = self.words(f"life.{self.life.state}")
        described = self.words("life.desc", state=state, path=". ".join(self._told()))
        drawing = Drawing(WIDTH, HEIGHT, self.title, described)
        drawing.rect(0.5, 0.5, WIDTH - 1, HEIGHT - 1, "canvas", "line", 12)
        now, accent = self.words("life.now", state=state), ACCENTS[self.life.state]
        taken = drawing.chip(WIDTH - 24, 21, now, accent, anchor="end", size=13)
        drawing.text(24, 38, self.title, 17, bold=True, width=WIDTH - 64 - taken)
        for (before, action), edge in EDGES.items():
            self._edge(drawing, before, action, edge)
        for name in PLACES:
            self._place(drawing, name)
        _Path(self).draw(drawing, 420)
        return drawing

    def _edge(self, drawing: Drawing, before: str, action: str, edge: Edge) -> None:
        numbers = [
            number
            for number, step in enumerate(self.life.history, 1)
            if edge_of(step) == (before, action)
        ]
        possible = before == self.life.state
        colour = "blue" if possible else "ink" if numbers else "edge"
        ink = "blue-text" if possible else "ink" if numbers else "muted"
        tip = self.words(f"life.does.{action}") if action in ACTIONS else ""
        with drawing.group(tip, data_edge=f"{before}-{action}"):
            drawing.path(
                edge.way,
                "",
                colour,
                stroke_width=3 if numbers else 2 if possible else 1.5,
                stroke_dasharray="5 4" if action == "end" else "",
                class_="track",
            )
            drawing.path(head(edge.way), colour, "")
            self._label(drawing, edge, edge.label or self._action(action), ink, numbers[-3:])

    def _label(
        self, drawing: Drawing, edge: Edge, label: str, ink: str, numbers: list[int]
    ) -> None:
        mono = label.isascii() and label != self.words("life.end")
        wide = text_width(label, 13, mono=mono, bold=True) + 10
        drawing.rect(edge.x - wide / 2, edge.y - 12, wide, 19, "canvas", "", 4)
        drawing.text(edge.x, edge.y + 2, label, 13, ink, anchor="middle", bold=True, mono=mono)
        x, y = edge.x + wide / 2 + 8, edge.y - 3
        if edge.below:
            x, y = edge.x - (len(numbers) - 1) * 9.5 - 3, edge.y + 22
        for place, number in enumerate(numbers):
            drawing.badge(x + place * 19, y, str(number), "ink", 9)

    def _place(self, drawing: Drawing, name: str) -> None:
        (x, y), (wide, high) = PLACES[name], BOX
        here = name == ("running" if self.life.state == "restarting" else self.life.state)
        been = any(name in (step.before, step.after) for step in self.life.history)
        accent = ACCENTS[name]
        left, top = x - wide / 2, y - high / 2
        fill = (accent or "ink") if here else f"{accent}-soft" if accent and been else "panel"
        edge = (accent or "ink") if here or been else "line"
        dash = "6 4" if not accent and not here else ""
        with drawing.group(data_state=name, class_="place here" if here else "place"):
            if here:
                drawing.rect(
                    left - 5, top - 5, wide + 10, high + 10, "", edge, 16, stroke_width=2.5,
                    class_="halo",
                )  # fmt: skip
            drawing.rect(
                left, top, wide, high, fill, edge, 12, stroke_width=1.5, stroke_dasharray=dash
            )
            ink = upon(fill) if here else f"{accent}-text" if accent else "muted"
            sub = upon(fill) if here else "muted"
            title = self.words(f"life.{name}")
            drawing.text(x, y - 2, title, 16, ink, anchor="middle", bold=True)
            note = self.words(f"life.{name}.sub")
            size = min(11.5, 11.5 * (wide - 10) / text_width(note, 11.5))
            drawing.text(x, y + 18, note, size, sub, anchor="middle")

    def animate(self) -> LiveActions | None:
        from dockerlab.views.live import LiveLife  # costs half a second: only when shown

        return self.follow(LiveLife)

    def traits(self) -> dict[str, Any]:
        return {
            **super().traits(),
            "svg": self.draw().svg(live=True),
            "state": self.life.state,
            "history": [_plain(step) for step in self.life.history],
        }

    def why(self, action: str) -> str:
        return reason(action, self.life.state, self.life.can_create)


def _plain(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "before": step.before,
        "after": step.after,
        "at": step.at,
        "exit_code": step.exit_code,
        "edge": "-".join(edge_of(step)),
    }


class _Path:
    """The strip below: one piece a state, as wide as it lasted, with the action between."""

    ROOM = 10
    """How many steps fit; of a longer life the last ones are shown."""

    def __init__(self, view: LifeView) -> None:
        self.view = view
        history = view.life.history
        self.first = max(len(history) - self.ROOM, 0)
        self.steps = history[self.first :]

    def draw(self, drawing: Drawing, y: float) -> None:
        words = self.view.words
        drawing.text(24, y + 4, words("life.path"), 12, "muted", bold=True)
        if not self.steps:
            drawing.rect(24, y + 34, WIDTH - 48, 34, "sunken", "", 8)
            drawing.text(WIDTH / 2, y + 56, words("life.nothing"), 12, "muted", anchor="middle")
            return
        x = 24.0
        for number, (step, wide) in enumerate(zip(self.steps, self._widths(), strict=True)):
            accent = ACCENTS[step.after]
            fill, ink = (f"{accent}-soft", f"{accent}-text") if accent else ("sunken", "muted")
            drawing.rect(x, y + 38, wide - 2, 32, fill, accent or "line", 6)
            label = words(f"life.{step.after}")
            drawing.text(
                x + wide / 2, y + 58, label, 12, ink, anchor="middle", bold=True, width=wide - 8
            )
            drawing.badge(x + 9, y + 25, str(self.first + number + 1), "ink", 9)
            action = words("life.end") if step.action == "end" else step.action
            drawing.text(x + 22, y + 29, action, 12, mono=step.action != "end", width=wide - 24)
            drawing.text(x + 2, y + 86, f"+{round(step.at)} ms", 11, "muted", mono=True)
            if step.exit_code is not None:
                code = words("life.exit", code=step.exit_code)
                drawing.text(x + 2, y + 100, code, 11, "red-text", width=wide + 10)
            x += wide

    def _widths(self) -> list[float]:
        """A fair part for each, the rest by how long the state lasted."""
        ats = [step.at for step in self.steps]
        lasted = [after - at for at, after in itertools.pairwise(ats)]
        lasted.append(sum(lasted) / len(lasted) if lasted else 1.0)
        room = WIDTH - 48.0
        least = min(88.0, room / len(ats))
        spare = room - least * len(ats)
        total = sum(lasted) or 1.0
        return [least + min(spare, 500.0) * one / total for one in lasted]
