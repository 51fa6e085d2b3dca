"""The folder of a CI, which its process and those who look at it share.

repository.git/       what is pushed to; its hook starts the process
settings.json         of the owner's eyes only
runs/0001/run.json    the record of a run, log.txt beside it, and whose process it is
jobs/                 checkouts of what runs just now
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline import settings as settings_file
from dockerlab.formats.pipeline.run import Run, Status
from dockerlab.formats.pipeline.settings import Settings
from dockerlab.formats.pipeline.wire import loads

STEP_SECONDS, JOB_SECONDS = 600.0, 3000.0
"""What a step and a job may take, where nothing else is said."""
GONE = "the process that ran it has ended without a word: it was killed, or the machine restarted"


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path

    @property
    def repository(self) -> Path:
        return self.root / "repository.git"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def lock(self) -> Path:
        return self.root / "queue.lock"

    def run(self, number: int) -> Path:
        return self.runs / f"{number:04d}"

    def numbers(self) -> list[int]:
        """Of the runs, in their order."""
        with suppress(OSError):
            return sorted(int(one.name) for one in self.runs.iterdir() if one.name.isdigit())
        return []

    def read_settings(self) -> Settings:
        try:
            return settings_file.loads(self.settings.read_text())
        except FileNotFoundError:
            return Settings()

    def read(self, number: int) -> Run | None:
        """The record of a run as it stands; None where there is none (yet)."""
        try:
            found = loads((self.run(number) / "run.json").read_text())
        except (OSError, FormatError):
            return None
        if found.status.over or self.alive(number):
            return found
        return replace(found, status=Status.ERRORED, error=found.error or GONE)

    def alive(self, number: int) -> bool:
        """Whether the process of a run is there still."""
        return self.pid(number) > 0

    def pid(self, number: int) -> int:
        """The process of a run; 0 where it has ended."""
        told = self.process(number)
        pid = int(told.partition(" ")[0] or 0)
        return pid if pid and mark(pid) == told else 0

    def process(self, number: int) -> str:
        """The mark of the process that began a run, whether it is there still or not."""
        with suppress(OSError):
            return (self.run(number) / "process").read_text()
        return ""


def mark(pid: int) -> str:
    """A process's number and when it began: the number alone may be another one's by now."""
    return f"{pid} {birth(pid)}"


def birth(pid: int) -> str:
    """When a process began, as the kernel counts; empty where it has ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that readers see as it was or as it is, never in between."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    os.replace(draft, path)
