"""What can be claimed of what runs in a container.

process("ex2-app", "sleep 300").is_running()
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.states import condition
from dockerlab.grading.claims.looking.facts import container_facts, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


@dataclass(frozen=True, slots=True)
class Process:
    """A process in a container, by its whole command line: the engine's word for that it runs, its
    own for what it is called."""

    container: str
    line: str

    def is_running(self) -> Claim:
        says = say("process.runs", container=self.container, command=self.line)
        return Claim(says, self._look)

    def _look(self, bench: Bench) -> Finding:
        facts = container_facts(bench, self.container)
        if facts is None:
            return absent("container.absent", name=self.container)
        if not runs(facts):
            state = condition(facts)
            return unmet("container.not_running", container=self.container, state=state)
        wanted = bare(self.line)
        if any(bare(line) == wanted for line in processes(bench, str(facts["Id"]))):
            return met()
        return unmet("process.absent", container=self.container, command=self.line)


def process(container: str, line: str) -> Process:
    return Process(container, line)


def processes(bench: Bench, container: str) -> list[str]:
    """The command lines of a running container's processes."""
    answer = bench.api.top(container)
    titles = list(answer.get("Titles") or [])
    column = next((n for n, title in enumerate(titles) if title in ("CMD", "COMMAND")), -1)
    return [str(row[column]) for row in answer.get("Processes") or [] if row]


def bare(line: str) -> str:
    """A command line, whichever folder its program is in.

    >>> bare("/bin/sleep  300")
    'sleep 300'
    """
    first, *rest = line.split() or [""]
    return " ".join([posixpath.basename(first), *rest])
