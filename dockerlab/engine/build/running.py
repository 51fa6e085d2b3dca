"""The containers of a build: those that run a RUN, and those that only stand for a step.

A step that changes the configuration has a container in Docker too, which is created and removed
without ever running. Here it exists as an id and two events, unless it was asked to be kept:
nobody could look at it in the millisecond between them, and its file system would be a copy.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from dockerlab.engine.build.leftovers import MARK
from dockerlab.engine.build.options import Options
from dockerlab.engine.build.output import Output
from dockerlab.engine.build.stage import Stage
from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.containers import Containers
from dockerlab.engine.containers.request import names
from dockerlab.engine.errors import APIError, BadParameter
from dockerlab.engine.events import Events

SHORT_ID = 12


class Failed(BadParameter):
    """A RUN ended with an exit code."""

    def __init__(self, message: str, code: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class Workers:
    """Makes the containers of one build and takes them away again."""

    def __init__(
        self, containers: Containers, events: Events, options: Options, output: Output
    ) -> None:
        self._containers, self._events = containers, events
        self._options, self._output = options, output
        self._made: list[Container] = []
        self._standing: list[tuple[str, dict[str, str]]] = []

    @property
    def removing(self) -> bool:
        """Whether the containers of steps that go well are removed."""
        return self._options.remove or self._options.force_remove

    @property
    def network(self) -> str:
        """The mode that the client asked for; empty: the usual one."""
        return str(self._options.host.get("NetworkMode", ""))

    async def stand_in(self, stage: Stage, config: Mapping[str, Any]) -> str:
        """A container that never runs; its id."""
        if not self.removing and stage.image is not None:
            container = await self._create(stage, config, {})
            return container.id
        id = secrets.token_hex(32)
        labels = {k: str(v) for k, v in (config.get("Labels") or {}).items()}
        attributes = {**labels, "image": stage.image_id, "name": names.invent(())}
        self._events.publish("container", "create", id, attributes)
        self._standing.append((id, attributes))
        self._output.say(f" ---> Running in {id[:SHORT_ID]}\n")
        return id

    async def run(
        self,
        stage: Stage,
        config: Mapping[str, Any],
        host: Mapping[str, Any],
        secrets: Sequence[str] = (),
    ) -> Container:
        """Run a container to its end, showing what it prints. Raises Failed.

        ``secrets`` are further variables, of which it has no memory when it is kept.
        """
        environment = [*config["Env"], *secrets]
        container = await self._create(stage, {**config, "Env": environment}, host)
        self._events.publish("container", "attach", container.id, container.attributes())
        ended = container.wait_end()
        try:
            await self._containers.start(container)
            await self._show(container)
            code = await ended
        finally:
            if secrets:
                container.config["Env"] = list(config["Env"])
                await asyncio.to_thread(container.save)
        if code:
            line = " ".join(config["Cmd"])
            raise Failed(f"The command '{line}' returned a non-zero code: {code}", code)
        return container

    @contextlib.asynccontextmanager
    async def retired(self, container: Container) -> AsyncIterator[bool]:
        """While the block runs nobody can start it; whether it is to be removed, and has ended."""
        async with container.lock:
            going = self.removing and not container.state.running
            container.state.dead = going
        try:
            yield going
        finally:
            container.state.dead = False

    async def _create(
        self, stage: Stage, config: Mapping[str, Any], host: Mapping[str, Any]
    ) -> Container:
        settings = {**self._options.host, "LogConfig": {"Type": "none"}, **host}
        body = {**config, "Image": stage.image_id, "HostConfig": settings}
        container, warnings = await self._containers.create("", body)
        self._made.append(container)
        with contextlib.suppress(OSError):
            (container.directory / MARK).touch()
        for warning in warnings:
            self._output.say(f" ---> [Warning] {warning}\n")
        self._output.say(f" ---> Running in {container.id[:SHORT_ID]}\n")
        return container

    async def _show(self, container: Container) -> None:
        process = container.process
        log = self._containers.log(container)
        if process is None:  # it has ended already
            for entry in log.read():
                self._output.write(entry.stream, entry.data)
            return
        over, wake = (lambda: process.ended is not None), process.wake()
        async for entry in log.follow(over, wake, start=0, raw=True, stdout=True, stderr=True):
            self._output.write(entry.stream, entry.data)
            await self._output.room()

    async def step_done(self) -> None:
        """A step went well: its containers go, if they shall."""
        if self.removing:
            await self._remove_all()
        else:
            self._let_go()

    async def step_failed(self) -> None:
        """A step failed: its container stays to be looked at, unless that was ruled out."""
        if self._options.force_remove:
            await self._remove_all()
        else:
            self._let_go()

    async def cancelled(self) -> None:
        """The client went away: nothing stays."""
        for container in self._made:
            with contextlib.suppress(APIError):
                await self._containers.remove(container, force=True, volumes=True)
        self._made.clear()
        self._standing.clear()

    async def _remove_all(self) -> None:
        for container in self._made:
            self._output.say(f"Removing intermediate container {container.id[:SHORT_ID]}\n")
            with contextlib.suppress(APIError):  # a person was quicker
                await self._containers.remove(container, force=True, volumes=True)
        for id, attributes in self._standing:
            self._output.say(f"Removing intermediate container {id[:SHORT_ID]}\n")
            self._events.publish("container", "destroy", id, attributes)
        self._made.clear()
        self._standing.clear()

    def _let_go(self) -> None:
        for container in self._made:
            (container.directory / MARK).unlink(missing_ok=True)
        self._made.clear()
        self._standing.clear()
