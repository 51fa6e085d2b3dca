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
from dockerlab.grading.claims.excerpts import excerpt
from dockerlab.grading.claims.facts import container_facts, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

PATIENCE = 10.0
"""Seconds that a command may take."""
LONGEST = 1 << 16
"""Bytes of what it says that are read."""
NOT_RUN = (126, 127)
"""Exit codes that say that there was nothing to run; the engine's words stand in the output."""
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
            return absent("container.absent", name=self.container)
        if not runs(facts):
            return unmet("reach.stopped", name=self.container)
        return told(bench, str(facts["Id"]), self.container, self.words, text)


def command(container: str, *words: str) -> Command:
    return Command(container, words)


def told(bench: Bench, id: str, name: str, words: Sequence[str], text: str) -> Finding:
    """Whether a command in a running container says ``text``."""
    line = " ".join(words)
    try:
        code, output = run(bench, id, words)
    except APIError as error:
        code, output = NOT_RUN[0], str(error.explanation or error)
    said = excerpt(output, QUOTED)
    if code in NOT_RUN:
        return unmet("command.refused", container=name, command=line, said=said)
    if text in output:
        return met()
    return unmet("command.otherwise", container=name, command=line, text=text, said=said)


def run(bench: Bench, id: str, words: Sequence[str], seconds: float = PATIENCE) -> tuple[int, str]:
    """A command's exit code and what it writes to standard output: at most ``LONGEST`` bytes, and
    what came within the time. The code is 0 while it has none."""
    body = {"Cmd": list(words), "AttachStdout": True, "AttachStderr": True}
    session = execute(bench.api, id, body)
    timer = threading.Timer(seconds, session.close)
    timer.start()
    written = b""
    try:
        for stream, data in session.output():
            written += data if stream == STDOUT else b""
            if len(written) > LONGEST:
                break
        return session.exit_code(), written[:LONGEST].decode(errors="replace")
    finally:
        timer.cancel()
        session.close()
