"""Who reaches whom, by which name and port, as it was tried out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["open", "refused", "silent", "unreachable", "noname", "unknown"]
Verdict = Literal["name", "address", "closed", "nowhere", "unasked"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection that was tried, to ``name`` (a name or an address) at a TCP port.

    ``open``: somebody took it. ``refused``: the machine is there, nobody listens at that port.
    ``silent``: no answer in time. ``unreachable``: there is no way. ``noname``: the name is not
    known there. ``unknown``: something else, as ``said``.
    """

    name: str
    port: int
    outcome: Outcome
    by: Literal["name", "address"] = "name"
    said: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """From one place to another; ``networks`` are those that both are in."""

    source: str
    target: str
    networks: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """``name``: a port is open by a name; ``address``: by the address only; ``closed``: the
        machine answers, but no port is open; ``nowhere``: no answer; ``unasked``: not tried."""
        if not self.attempts:
            return "unasked"
        for by in ("name", "address"):
            if any(one.outcome == "open" and one.by == by for one in self.attempts):
                return by
        if any(one.outcome == "refused" for one in self.attempts):
            return "closed"
        return "nowhere"

    @property
    def open_ports(self) -> tuple[int, ...]:
        return tuple(sorted({one.port for one in self.attempts if one.outcome == "open"}))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the target is known by from here."""
        known = (a.name for a in self.attempts if a.by == "name" and a.outcome != "noname")
        return tuple(dict.fromkeys(known))


@dataclass(frozen=True, slots=True)
class Place:
    """A service, or a container outside any project; ``count`` containers, the first was asked.

    ``tool`` is what the connections were made with there, ``why`` says why none could be made.
    """

    name: str
    container: str
    networks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    count: int = 1
    tool: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """All ways between some places. ``timeout`` is how many seconds an answer was waited for."""

    places: tuple[Place, ...] = ()
    ways: tuple[Way, ...] = ()
    project: str = ""
    timeout: float = 0.0

    def way(self, source: str, target: str) -> Way | None:
        return next(
            (way for way in self.ways if (way.source, way.target) == (source, target)), None
        )

    def reaches(self, source: str, target: str, port: int = 0) -> bool:
        """Whether a connection was taken, by name, at ``port`` or at any."""
        way = self.way(source, target)
        return way is not None and any(
            one.outcome == "open" and one.by == "name" and port in (0, one.port)
            for one in way.attempts
        )


_WORDS: tuple[tuple[Outcome, re.Pattern[str]], ...] = (
    ("refused", re.compile("refused", re.IGNORECASE)),
    (
        "noname",
        re.compile(
            "bad address|not known|no address|does not resolve|name resolution|not resolve"
            "|enotfound|eai_",
            re.IGNORECASE,
        ),
    ),
    ("unreachable", re.compile("unreachable|no route|ehostunreach|enetunreach", re.IGNORECASE)),
    ("silent", re.compile("timed out|timeout|etimedout", re.IGNORECASE)),
)
_ENDED_BY_TIMEOUT = (124, 137, 143)


def outcome(code: int, said: str) -> Outcome:
    """What a tool's exit code and its words mean.

    >>> outcome(1, "nc: can't connect to remote host (172.18.0.2): Connection refused")
    'refused'
    """
    if code == 0:
        return "open"
    for meant, words in _WORDS:
        if words.search(said):
            return meant
    return "silent" if code in _ENDED_BY_TIMEOUT else "unknown"
