"""What a command says in a running container: for state that only the program itself can tell.

    command("ex5-store", "redis-cli", "get", "visits").says("41")

The command belongs to the learner's image, so it may do anything: be silent, or never stop.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from docker.errors import APIError

from dockerlab.client.sessions import STDOUT, execute
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.facts import container_facts, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

PATIENCE = 10.0
"""Seconds that a command may take."""
LONGEST = 1 << 16
"""Bytes of what it says that are read."""
QUOTED = 80
"""Characters of it that are quoted."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command in a container."""

    container: str
    words: tuple[str, ...]

    def says(self, text: str) -> Claim:
        """``text`` is in what it writes to its standard output."""
        line = " ".join(self.words)
        says = say("command.says", container=self.container, command=line, text=text)
        return Claim(says, lambda bench: self._look(bench, text))

    def _look(self, bench: Bench, text: str) -> Finding:
        facts = container_facts(bench, self.container)
        if facts is None:
            return absent("container.not_there", container=self.container)
        if not runs(facts):
            return unmet("reach.stopped", name=self.container)
        return told(bench, str(facts["Id"]), self.container, self.words, text)


def command(container: str, *words: str) -> Command:
    return Command(container, words)


def told(bench: Bench, id: str, name: str, words: Sequence[str], text: str) -> Finding:
    """Whether a command in a running container says ``text``."""
    line = " ".join(words)
    try:
        output = output_of(bench, id, words)
    except APIError as error:
        said = str(error.explanation or error)[:QUOTED]
        return unmet("command.refused", container=name, command=line, said=said)
    if text in output:
        return met()
    said = " ".join(output.split())[:QUOTED] or "—"
    return unmet("command.otherwise", container=name, command=line, text=text, said=said)


def output_of(bench: Bench, id: str, words: Sequence[str], seconds: float = PATIENCE) -> str:
    """What a command writes to standard output, at most ``LONGEST`` bytes, within a time."""
    body = {"Cmd": list(words), "AttachStdout": True, "AttachStderr": True}
    session = execute(bench.api, id, body)
    timer = threading.Timer(seconds, session.close)
    timer.start()
    told = b""
    try:
        for stream, data in session.output():
            told += data if stream == STDOUT else b""
            if len(told) > LONGEST:
                break
    finally:
        timer.cancel()
        session.close()
    return told[:LONGEST].decode(errors="replace")
