"""What the start page tells of: where one is, and how far one has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mode = Literal["docker", "other", "namespaces", "proot", "none"]
State = Literal["new", "opened", "begun", "finished"]


@dataclass(frozen=True, slots=True)
class Here:
    """The engine in use. ``cannot`` are keys of ``welcome.cannot``, ``says`` its own sentences.

    Where there is no engine, ``why`` is what happened and ``remedy`` what to do.
    """

    mode: Mode
    name: str = ""
    why: str = ""
    cannot: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    remedy: str = ""
    binder: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A chapter on one's way; addresses are seen from the start page, empty where nothing is.

    ``done`` of ``exercises`` are passed; ``practised`` of ``lessons`` are what those were about.
    """

    number: int
    title: str
    page: str
    lessons: int
    tasks: str = ""
    exercises: int = 0
    done: int = 0
    practised: int = 0
    tried: bool = False
    opened: bool = False

    @property
    def state(self) -> State:
        if self.exercises and self.done == self.exercises:
            return "finished"
        if self.tried:
            return "begun"
        return "opened" if self.opened else "new"


@dataclass(frozen=True, slots=True)
class Next:
    """What to do now: ``begin``, ``read`` or ``practise`` a chapter, or nothing more: ``all``."""

    what: Literal["begin", "read", "practise", "all"]
    stop: Stop | None = None


def following(stops: Sequence[Stop]) -> Next:
    """What comes next: exercises of the furthest chapter that was opened, else a chapter to read.

    >>> following([Stop(1, "Basics", "1.ipynb", 7)]).what
    'begin'
    """
    seen = [stop for stop in stops if stop.state != "new"]
    if not seen:
        return Next("begin", stops[0])
    last = seen[-1]
    if last.state != "finished" and last.tasks:
        return Next("practise", last)
    after = next((stop for stop in stops if stop.number > last.number), None)
    if after:
        return Next("read", after)
    undone = next((stop for stop in stops if stop.state != "finished" and stop.tasks), None)
    return Next("practise", undone) if undone else Next("all")
