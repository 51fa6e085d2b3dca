"""Do a plan: its steps side by side where they do not need each other, each told as it goes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dockerlab.client.compose.doing.contents import archive
from dockerlab.client.compose.doing.failing import failure
from dockerlab.client.compose.doing.waiting import Waiting
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.client.compose.plans import bodies
from dockerlab.errors import DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composed.plan import Plan, Progress, Step
from dockerlab.formats.composefile.model import Project

SIDE_BY_SIDE = 8
"""Calls at once: docker-py's pool has ten connections, and a laptop few processors."""
PATIENCE = 600.0
"""Seconds that a service has to become healthy, where nobody says another number."""


IN_USE = {"remove network": 403, "remove volume": 409, "remove image": 409}
"""What the engine answers where something outside the project still uses it."""


class Cancelled(DockerlabError):
    """Somebody stopped it in the middle."""


Events = queue.SimpleQueue[tuple[Step, str | Exception]]
"""A step that ended: the last word on it, or why it failed."""


@dataclass(slots=True)
class Doing:
    """One plan being done on one engine."""

    wire: Wire
    project: Project
    plan: Plan
    makers: Mapping[str, Callable[[Step], object]] = field(default_factory=dict)
    """How to do actions that are more than a call: build an image, pull one."""
    patience: float = PATIENCE
    ids: dict[str, str] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> Iterator[Progress]:
        """Do it all. The first step that fails ends it: what runs is let finish, no more begins.

        Raises ``ComposeFailed``, which knows what was done. An interrupt does the same: the next
        ``up`` or ``down`` puts right whatever is half done.
        """
        begun = time.monotonic()
        done: list[Step] = []
        failed: list[tuple[Step, Exception]] = []
        for progress, error in self._events(begun):
            if error is not None:
                failed.append((progress.step, error))
                self._stop.set()
            elif progress.state == "done":
                done.append(progress.step)
            yield progress
        if failed:
            # Whoever was only told to stop is not the one who failed.
            step, error = next((f for f in failed if not isinstance(f[1], Cancelled)), failed[0])
            raise failure(self.wire, self.project, self.plan, step, error, tuple(done))

    def _events(self, begun: float) -> Iterator[tuple[Progress, Exception | None]]:
        todo = {step.id: step for step in self.plan.steps}
        events: Events = queue.SimpleQueue()
        finished: set[str] = set()
        working = 0
        pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="compose")
        try:
            while todo or working:
                ready = [] if self._stop.is_set() else self._ready(todo, finished)
                if not ready and not working:
                    assert self._stop.is_set(), f"nothing brings about what {list(todo)} need"
                    break
                for step in ready:
                    del todo[step.id]
                    yield self._progress(step, "working", step.says[0], begun), None
                    if step.call is None:
                        finished.add(step.id)
                        yield self._progress(step, "done", step.says[1], begun), None
                        continue
                    working += 1
                    if step.action in self.makers:
                        # Here, so that an interrupt reaches a build or a pull in the middle.
                        self._work(step, events)
                        break
                    pool.submit(self._work, step, events)
                if not working:
                    continue
                step, outcome = events.get()
                working -= 1
                if isinstance(outcome, Exception):
                    yield self._progress(step, "failed", "Error", begun), outcome
                else:
                    finished.add(step.id)
                    yield self._progress(step, "done", outcome, begun), None
        finally:
            # Also when nobody takes the next progress any more: Ctrl-C, or a reader that left.
            self._stop.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def _ready(self, todo: Mapping[str, Step], finished: set[str]) -> list[Step]:
        return [step for step in todo.values() if finished.issuperset(step.needs)]

    def _progress(self, step: Step, state: Any, word: str, begun: float) -> Progress:
        text = f"{step.subject}  {word}" if word else ""
        return Progress(step, state, text, time.monotonic() - begun)

    def _work(self, step: Step, events: Events) -> None:
        try:
            self._do(step)
        except Exception as error:
            in_use = getattr(error, "status_code", None) == IN_USE.get(step.action, 0)
            events.put((step, "Resource is still in use" if in_use else error))
        else:
            events.put((step, step.says[1]))

    def _do(self, step: Step) -> None:
        assert step.call is not None
        if self._stop.is_set():
            raise Cancelled("stopped before it began")
        maker = self.makers.get(step.action)
        if maker is not None:
            maker(step)
        elif step.action == "wait":
            Waiting(self.wire, step, self._stop, self.patience).wait()
        elif step.action == "copy container":
            method, path, what = step.call
            data = archive(self.project, what or {})
            self.wire.send((method, path, None), data=data)
        else:
            answer = self.wire.send(self._bound(step), fine=step.fine)
            if step.action in ("create container", "recreate container"):
                self.ids[step.target] = str(answer["Id"])

    def _bound(self, step: Step) -> Any:
        """The call, with the ids of containers that were not there when it was planned."""
        assert step.call is not None
        method, path, body = step.call
        if not step.refers or body is None:
            return step.call
        service = self.project.every[step.service]
        return (
            method,
            path,
            bodies.bound(body, self.ids, partial(composefile.hash_of, service)),
        )


def run(doing: Doing, told: Callable[[Progress], object] | None = None) -> tuple[Progress, ...]:
    """Do a plan to its end; ``told`` hears of every step as it begins and ends."""
    heard = []
    for progress in doing.run():
        heard.append(progress)
        if told is not None:
            told(progress)
    return tuple(heard)
