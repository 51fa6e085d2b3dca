"""One job in its place: a machine, the steps in their order, and nothing left of it at the end."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from dockerlab.formats.pipeline.plan import Job
from dockerlab.formats.pipeline.run import Status
from dockerlab.pipeline.jobs.causes import cause
from dockerlab.pipeline.jobs.context import Context
from dockerlab.pipeline.journal import Output
from dockerlab.pipeline.machine.channel import Machine
from dockerlab.pipeline.machine.container import ContainerMachine
from dockerlab.pipeline.machine.leftovers import remove_as_root, remove_from_engine
from dockerlab.pipeline.machine.local import LocalMachine
from dockerlab.pipeline.machine.place import Place


@dataclass(slots=True)
class Done:
    """What came of a step; ``code`` is None where no command has run."""

    status: Status
    code: int | None = None
    note: str = ""


@dataclass
class Attempt:
    """``index`` is the job's place in the run; ``image`` the container's, without holes."""

    context: Context
    index: int
    job: Job
    place: Place
    machine: Machine
    began: float = field(default_factory=time.monotonic)

    def seconds_left(self, own: float | None = None) -> float:
        """How long the next step may take."""
        limits = self.context.limits
        whole = min(self.job.seconds or limits.job, limits.job)
        left = whole - (time.monotonic() - self.began)
        return max(0.0, min(own or limits.step, limits.step, left))

    @property
    def over_time(self) -> bool:
        return self.seconds_left() <= 0

    @contextmanager
    def step(self, at: int, title: str, name: str) -> Iterator[tuple[Output, Done]]:
        """A step while it runs: its output, and what comes of it, to be filled in.

        ``title`` heads it in the log; ``name`` is what it is called, without holes.
        """
        journal = self.context.journal
        output, done = Output(journal, self.index, at), Done(Status.PASSED)
        journal.say(title)
        running = {"name": name, "status": Status.RUNNING, "began": time.time()}
        journal.change_step(self.index, at, **running)
        try:
            yield output, done
        except BaseException:
            done.status, done.note = Status.CANCELLED, done.note or "the run was cancelled"
            raise
        finally:
            lines = output.end()
            done.note = done.note or cause(done.code or 0, lines)
            journal.change_step(
                *(self.index, at),
                status=done.status,
                ended=time.time(),
                exit_code=done.code,
                note=done.note,
                log=lines,
            )
            if done.note:
                journal.say(f"→ {done.note}")

    def skip(self, at: int, note: str) -> None:
        """Note why a step does not run."""
        self.context.journal.change_step(self.index, at, status=Status.SKIPPED, note=note)

    def script(self, at: int, text: str) -> Path:
        """A file with the lines of a step."""
        path = self.place.temp / f"step-{at}.sh"
        path.write_text(text + "\n", errors="surrogateescape")
        return path


@contextmanager
def attempt(context: Context, index: int, job: Job, image: str) -> Iterator[Attempt]:
    """A place and a machine for a job; both are gone at the end, however it comes about."""
    place = _place(context, f"{context.number:04d}-{index}")
    machine: Machine | None = None
    try:
        place.make()
        if job.settled:
            context.repository.check_out(context.commit, place.work)
        machine = _machine(context, place, job, image)
        yield Attempt(context, index, job, place, machine)
    finally:
        _clear(context, place, machine, image)


def clear_stale(context: Context) -> None:
    """Remove what a run has left that was killed: nobody else's turn is now."""
    with suppress(FileNotFoundError):
        for folder in list(context.folder.jobs.iterdir()):
            _clear(context, _place(context, folder.name), None, "")


def _place(context: Context, id: str) -> Place:
    # Two CIs of the same name, in different folders, may use the same engine.
    mark = f"{context.folder.root.stat().st_ino:x}"
    label = re.sub(r"[^a-z0-9_-]", "-", f"ci-{context.name}-{id}-{mark}".lower())
    return Place(context.folder.jobs / id, context.name, label, context.engine)


def _machine(context: Context, place: Place, job: Job, image: str) -> Machine:
    if not image:
        return LocalMachine(place.environment(docker=job.docker))
    place.open_to_all()
    context.journal.say(f"Starting a container of {image}")
    return ContainerMachine(context.docker(), image, place.root, place.job)


def _clear(context: Context, place: Place, machine: Machine | None, image: str) -> None:
    """Leave nothing behind; what cannot be removed is told, and fails nobody's job."""
    used = place.used.exists() or bool(image)
    if machine is not None:
        with suppress(Exception):
            machine.close()
    left = used and not _cleared_engine(context, place)
    shutil.rmtree(place.root, ignore_errors=True)
    if place.root.exists() and used:
        with suppress(Exception):
            remove_as_root(context.docker(), place.root)
    if left:
        # The next run finds this, and tries again.
        place.temp.mkdir(parents=True, exist_ok=True)
        place.used.touch()
    elif place.root.exists():
        context.journal.say(
            f"{place.root} could not be removed: a container wrote there as another user"
        )
    with suppress(OSError):
        place.root.parent.rmdir()


def _cleared_engine(context: Context, place: Place) -> bool:
    try:
        remove_from_engine(context.docker().api, place.job)
    except Exception as error:
        context.journal.say(f"Something of the job may be left on the engine: {error}")
        return False
    return True
