"""What can be claimed of what a container wrote.

logs("ex2-polite").contain("saved")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import container_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

LINES = 10_000
"""The last lines that are read: a container may have written for ever."""
LARGEST = 1 << 20
"""Bytes of them."""

Text = str | Callable[[Bench], str]
"""A text, or how to find it where it differs from engine to engine."""


@dataclass(frozen=True, slots=True)
class Logs:
    """The output of a container by its name."""

    container: str

    def contain(self, text: Text, *, called: Saying | None = None) -> Claim:
        """``text`` is in it. ``called`` is what to say in its place, where it is not known yet or
        would give the answer away."""
        shown = called or text
        says = say("logs.contain", container=self.container, text=shown)
        return Claim(says, lambda bench: self._contain(bench, text, shown))

    def lack(self, text: str) -> Claim:
        says = say("logs.lack", container=self.container, text=text)
        return Claim(says, lambda bench: self._lack(bench, text))

    def _contain(self, bench: Bench, text: Text, shown: object) -> Finding:
        output = written(bench, self.container)
        if output is None:
            return absent("container.absent", name=self.container)
        if (text(bench) if callable(text) else text) in output:
            return met()
        if not output.strip():
            return unmet("logs.empty", container=self.container, text=shown)
        last = excerpt(output.strip().splitlines()[-1])
        return unmet("logs.without", container=self.container, text=shown, last=last)

    def _lack(self, bench: Bench, text: str) -> Finding:
        output = written(bench, self.container)
        if output is None:
            return absent("container.absent", name=self.container)
        return unmet("logs.with", container=self.container, text=text) if text in output else met()


def logs(container: str) -> Logs:
    return Logs(container)


def written(bench: Bench, container: str) -> str | None:
    """What a container wrote last, standard output and standard error together; None where there
    is no such container."""
    facts = container_facts(bench, container)
    if facts is None:
        return None
    output = b""
    for piece in bench.api.logs(facts["Id"], stream=True, follow=False, tail=LINES):
        output += piece
        if len(output) > LARGEST:
            break
    return output.decode("utf-8", "replace")
