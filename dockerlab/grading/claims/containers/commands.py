"""What a command says beside a running container: for state that only its program can tell.

    command("ex5-store", "redis-cli", "get", "visits", of="redis").says("41")

With ``of`` it is the program of that image of the course's, run in the container's network: what
is 127.0.0.1 for the container is so for it. Whatever serves there is the learner's still, so let
the check need one that says of which image it is. Without ``of`` it is the container's own
program, which says what the learner has it say; it may also be silent, or never stop.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from docker.errors import APIError

from dockerlab.client.sessions import STDOUT, execute
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.boxes import Refused, ran_beside
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import container_facts, lent, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unknown, unmet

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
    """A command in a container, or of an image beside it."""

    container: str
    words: tuple[str, ...]
    of: str = ""

    def says(self, text: str) -> Claim:
        """``text`` is a line of what it writes to its standard output."""
        line = " ".join(self.words)
        says = say("command.says", container=self.container, command=line, text=text)
        return Claim(says, lambda bench: self._look(bench, text))

    def _look(self, bench: Bench, text: str) -> Finding:
        facts = container_facts(bench, self.container)
        if facts is None:
            return absent("container.absent", name=self.container)
        if not runs(facts):
            return unmet("reach.stopped", name=self.container)
        return self.told(bench, str(facts["Id"]), text)

    def told(self, bench: Bench, id: str, text: str) -> Finding:
        """Whether it says ``text`` in the running container of that id."""
        fields = {"container": self.container, "command": " ".join(self.words)}
        if self.of and not lent(bench, self.of):
            return unknown("command.unasked", image=self.of, **fields)
        code, output = self._run(bench, id)
        said = excerpt(output, QUOTED)
        if code in NOT_RUN:
            return unmet("command.refused", said=said, **fields)
        if text in map(str.strip, output.splitlines()):
            return met()
        return unmet("command.otherwise", text=text, said=said, **fields)

    def _run(self, bench: Bench, id: str) -> tuple[int, str]:
        """Its exit code, 0 while it has none, and what it says."""
        try:
            if not self.of:
                return run(bench, id, self.words)
            ran = ran_beside(bench, id, lent(bench, self.of), self.words, PATIENCE)
        except APIError as error:
            return NOT_RUN[0], str(error.explanation or error)
        except Refused as error:
            return NOT_RUN[0], str(error)
        return ran.code or 0, ran.said


def command(container: str, *words: str, of: str = "") -> Command:
    return Command(container, words, of)


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
