"""How far a run is: its record for those who look, its log, and lines for the one who waits."""

from __future__ import annotations

import codecs
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dockerlab.client.ci.folder import write_whole
from dockerlab.formats.pipeline.run import JobRun, Run
from dockerlab.formats.pipeline.wire import dumps
from dockerlab.pipeline.listener import Listener
from dockerlab.pipeline.masking import Masks, Stream

LOG_BYTES = 4 << 20
"""What a step may write, as a job on Travis; the rest is read and thrown away."""
KEPT_LINES, LINE_LENGTH = 400, 2000
"""Of a step, in the record: the last lines, and how much of each. All of them are in the log."""
SAVE_SECONDS = 0.2


class Journal:
    """Everything that is told of a run goes through here, and through its masks."""

    def __init__(self, folder: Path, run: Run, listener: Listener, masks: Masks) -> None:
        self.run = run
        self.masks = masks
        self._folder = folder
        self._listener = listener
        self._log = (folder / "log.txt").open("w", encoding="utf-8", errors="replace")
        self._saved = 0.0
        self._late = False
        self.save()

    def close(self) -> None:
        self.save()
        self._log.close()

    def save(self) -> None:
        self._saved, self._late = time.monotonic(), False
        write_whole(self._folder / "run.json", dumps(self.run))

    def say(self, text: str = "") -> None:
        """Lines about the run itself."""
        self.write(self.masks.text(text) + "\n")

    def write(self, text: str) -> None:
        """Text that is masked already."""
        self._log.write(text)
        self._log.flush()
        self._listener.write(text)

    def change(self, **fields: Any) -> None:
        self.run = replace(self.run, **fields)
        self.save()

    def change_job(self, job: int, **fields: Any) -> None:
        changed = replace(self.run.jobs[job], **self._masked(fields))
        self.change(jobs=(*self.run.jobs[:job], changed, *self.run.jobs[job + 1 :]))

    def change_step(self, job: int, step: int, **fields: Any) -> None:
        self._put(job, step, self._masked(fields))
        self.save()

    def keep_log(self, job: int, step: int, lines: tuple[str, ...]) -> None:
        """A step's lines so far; written down a few times a second at most."""
        self._put(job, step, {"log": lines})
        self._late = True
        self.catch_up()

    def catch_up(self) -> None:
        """Write down what waits for that, if it is time."""
        if self._late and time.monotonic() - self._saved > SAVE_SECONDS:
            self.save()

    def _put(self, job: int, step: int, fields: Mapping[str, Any]) -> None:
        before: JobRun = self.run.jobs[job]
        steps = list(before.steps)
        steps[step] = replace(steps[step], **fields)
        changed = replace(before, steps=tuple(steps))
        self.run = replace(
            self.run, jobs=(*self.run.jobs[:job], changed, *self.run.jobs[job + 1 :])
        )

    def _masked(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        texts = ("name", "note")
        return {
            key: self.masks.text(value) if key in texts else value for key, value in fields.items()
        }


class Budget:
    """How much a step may write still, in bytes."""

    def __init__(self, limit: int = LOG_BYTES) -> None:
        self.limit = limit
        self.left = limit
        self.dropped = 0

    def take(self, data: bytes) -> bytes:
        kept = data[: self.left]
        self.left -= len(kept)
        self.dropped += len(data) - len(kept)
        return kept


class Output:
    """What one step writes: masked, cut where it is too much, put into lines."""

    def __init__(self, journal: Journal, job: int, step: int) -> None:
        self._journal, self._job, self._step, self._budget = journal, job, step, Budget()
        self._stream = Stream(journal.masks)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._open = ""
        self._count = 0

    def data(self, data: bytes) -> None:
        """A piece of output as it comes; an empty one now and then, while none does."""
        if not data:
            self._journal.catch_up()
            return
        before = self._budget.dropped
        kept = self._budget.take(data)
        if kept:
            self._add(self._decoder.decode(self._stream.feed(kept)))
        if self._budget.dropped and not before:
            self._cut()

    def line(self, text: str) -> None:
        """A line that this CI says itself."""
        self._add(self._journal.masks.text(text) + "\n")

    def end(self) -> tuple[str, ...]:
        """All lines, when no more comes."""
        self._add(self._decoder.decode(self._stream.end(), final=True))
        if self._open:
            self._add("\n")
        return self.lines

    @property
    def lines(self) -> tuple[str, ...]:
        open_line = (self._open[:LINE_LENGTH],) if self._open else ()
        missing = self._count - len(self._lines)
        said = (f"… {missing} lines before these are in the log",) if missing > 0 else ()
        return (*said, *self._lines, *open_line)

    def _cut(self) -> None:
        # What is held back may be the first half of a secret, whose other half is cut off.
        self._stream = Stream(self._journal.masks)
        size = f"{self._budget.limit / (1 << 20):g} MB"
        self._add(
            ("\n" if self._open else "")
            + f"The log is cut here: a step may write {size}. The rest is not shown.\n"
        )

    def _add(self, text: str) -> None:
        if not text:
            return
        self._journal.write(text)
        *whole, self._open = (self._open + text).split("\n")
        for line in whole:
            # A carriage return draws over what stood in the line: what is seen last counts.
            shown = line.rstrip("\r").rpartition("\r")[2]
            self._lines.append(shown[:LINE_LENGTH])
            self._count += 1
        self._open = self._open[-(1 << 16) :]
        self._journal.keep_log(self._job, self._step, self.lines)
