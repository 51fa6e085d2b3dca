"""The map of a container's life: where each state stands, and the arrows between them."""

from __future__ import annotations

from dataclasses import dataclass

from dockerlab.formats.story import Step

BOX = (148.0, 64.0)
PLACES: dict[str, tuple[float, float]] = {
    "absent": (98, 160),
    "created": (326, 160),
    "running": (554, 160),
    "exited": (862, 160),
    "paused": (554, 320),
    "removed": (862, 320),
}


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow: its way, where its label stands, and where its step numbers do."""

    way: str
    x: float
    y: float
    label: str = ""
    """Empty: the action's own name."""
    below: bool = False
    """Numbers under the label, where there is no room beside it."""


EDGES: dict[tuple[str, str], Edge] = {
    ("absent", "create"): Edge("M172 160H243", 208, 138, below=True),
    ("created", "start"): Edge("M400 160H471", 436, 138, below=True),
    ("running", "restart"): Edge("M512 128C490 76 560 76 538 120", 512, 76),
    ("exited", "start"): Edge("M862 128C862 40 610 40 588 119", 724, 60),
    ("running", "stop"): Edge("M628 142H771", 692, 130),
    ("running", "kill"): Edge("M628 162H771", 692, 164),
    ("running", "end"): Edge("M628 182H771", 692, 199),
    ("running", "pause"): Edge("M520 192V279", 466, 240),
    ("paused", "unpause"): Edge("M588 288V201", 640, 240),
    ("paused", "stop"): Edge("M628 320C740 320 812 290 824 202", 712, 309, "stop · kill"),
    ("exited", "rm"): Edge("M862 192V279", 886, 240),
    ("created", "rm"): Edge("M326 192C326 420 600 440 780 345", 470, 392),
}
# These take the arrow of a neighbour.
SAME = {
    ("created", "restart"): ("created", "start"),
    ("paused", "restart"): ("paused", "unpause"),
    ("paused", "kill"): ("paused", "stop"),
}


def edge_of(step: Step) -> tuple[str, str]:
    """Which arrow of the diagram a step took."""
    before = "running" if step.before == "restarting" else step.before
    before = "absent" if before == "removed" else before
    return SAME.get((before, step.action), (before, step.action))


def head(way: str) -> str:
    """An arrow head at the end of a path made of M, H, V, L or C with absolute numbers."""
    x, y = _end(way)
    dx, dy = _direction(way)
    bx, by = x + dx * 9, y + dy * 9
    return (
        f"M{x - dy * 5:.1f} {y + dx * 5:.1f}L{bx:.1f} {by:.1f}L{x + dy * 5:.1f} {y - dx * 5:.1f}Z"
    )


def _numbers(way: str) -> list[float]:
    spaced = "".join(char if char.isdigit() or char in ". " else " " for char in way)
    return [float(number) for number in spaced.split()]


def _end(way: str) -> tuple[float, float]:
    numbers = _numbers(way)
    if "H" in way:
        return numbers[-1], numbers[1]
    if "V" in way:
        return numbers[0], numbers[-1]
    return numbers[-2], numbers[-1]


def _direction(way: str) -> tuple[float, float]:
    """The unit vector along which the path arrives."""
    numbers, (x, y) = _numbers(way), _end(way)
    from_x, from_y = (numbers[-4], numbers[-3]) if "C" in way else (numbers[0], numbers[1])
    length = ((x - from_x) ** 2 + (y - from_y) ** 2) ** 0.5 or 1.0
    return (x - from_x) / length, (y - from_y) / length
