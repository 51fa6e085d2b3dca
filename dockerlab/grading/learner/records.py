"""What a learner has reached so far, kept on this machine only.

    ~/.local/state/dockerlab/progress.json     or $XDG_STATE_HOME, $DOCKERLAB_STATE,
                                               or the file that $DOCKERLAB_PROGRESS names

The file is written under another name and renamed, so it is whole; one that cannot be read is put
aside as ``progress.json.broken``. Nothing here can make a check fail.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from dockerlab.grading.outcome import Outcome, State

FILE_VARIABLE = "DOCKERLAB_PROGRESS"
_BEST: tuple[State, ...] = ("not_attempted", "unchecked", "not_yet", "partly", "passed")


@dataclass(frozen=True, slots=True)
class Record:
    """Of one exercise: the best that was reached, and what it took.

    ``checks`` and ``hints`` count how often; ``solution`` is whether the answer was looked at.
    """

    state: State = "not_attempted"
    points: float = 0.0
    of: float = 0.0
    checks: int = 0
    hints: int = 0
    solution: bool = False

    def after(self, outcome: Outcome) -> Record:
        """With one more look; what was reached once stays."""
        best = max(self.state, outcome.state, key=_BEST.index)
        points = max(self.points, outcome.points)
        return Record(best, points, outcome.of, self.checks + 1, self.hints, self.solution)


def location() -> Path:
    """Where the records are for this user."""
    if chosen := os.environ.get(FILE_VARIABLE):
        return Path(chosen).expanduser().absolute()
    if chosen := os.environ.get("DOCKERLAB_STATE"):
        return Path(chosen).expanduser().absolute() / "progress.json"
    base = os.environ.get("XDG_STATE_HOME", "")
    home = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    return home / "dockerlab" / "progress.json"


class Records:
    """The file. Every call reads it anew: several notebooks may be open."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or location()

    def all(self) -> Mapping[str, Record]:
        """By exercise."""
        try:
            kept = json.loads(self.path.read_bytes())
            return {str(id): _record(one) for id, one in kept["exercises"].items()}
        except OSError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            with contextlib.suppress(OSError):
                self.path.replace(f"{self.path}.broken")
            return {}

    def get(self, id: str) -> Record:
        return self.all().get(id, Record())

    def change(self, id: str, how: Callable[[Record], Record]) -> Record:
        """Replace what is known of an exercise; the new record is returned, kept or not."""
        try:
            with self._lock():
                kept = dict(self.all())
                kept[id] = how(kept.get(id, Record()))
                self._write(kept)
                return kept[id]
        except OSError:
            return how(self.get(id))  # a read-only home: there is just no memory

    def _write(self, kept: Mapping[str, Record]) -> None:
        half = self.path.with_name(f"{self.path.name}.part")
        exercises = {id: asdict(record) for id, record in sorted(kept.items())}
        half.write_text(json.dumps({"exercises": exercises}, indent=1) + "\n")
        half.replace(self.path)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Two notebooks may check at once; the lock goes with the process that holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        place = f"{self.path}.lock"
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _record(kept: Mapping[str, Any]) -> Record:
    """What a file says, read with care: people edit files. Raises ValueError or TypeError."""
    blank = asdict(Record())
    known = {name: type(blank[name])(value) for name, value in kept.items() if name in blank}
    if known.get("state", "passed") not in get_args(State):
        raise ValueError("no such state")
    return Record(**known)
