"""Taking a container away with all that is its own: files, names, anonymous volumes."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from dockerlab.engine.containers.container import RECORD, Container
from dockerlab.engine.containers.programs.execs import Execs
from dockerlab.engine.containers.roster import Roster
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import APIError, Conflict
from dockerlab.engine.store.files import remove_tree

log = logging.getLogger("dockerlab.engine.run")


class StartedMeanwhile(Conflict):
    """It runs again, so it is not to be removed as it is."""


class Remover:
    """Removes containers that have ended."""

    def __init__(self, services: Services, roster: Roster, execs: Execs) -> None:
        self._services = services
        self._roster = roster
        self._execs = execs

    async def remove(self, container: Container, *, volumes: bool) -> None:
        """Remove it. Raises Conflict when somebody else is already at it, StartedMeanwhile."""
        if container.removing:
            raise Conflict(f"removal of container {container.id} is already in progress")
        container.removing = True
        async with container.lock:
            if container.process is not None:
                container.removing = False
                raise StartedMeanwhile(f"container {container.id} has been started meanwhile")
            container.cancel("restart", "health", "monitor")
            # Without its record the folder is rubbish, which the next start of the engine clears.
            (container.directory / RECORD).unlink(missing_ok=True)
            if volumes:
                # First, so that nobody finds them who has seen that the container is gone.
                self._remove_volumes(container)
            self._roster.drop(container)
            self._execs.forget(container)
            try:
                await asyncio.to_thread(self._clear, container)
            except (APIError, OSError) as error:
                # It is gone for everybody; what is left of its files goes at the next start.
                log.error("cannot remove all files of %s: %s", container.name, error)
        self._services.events.publish("container", "destroy", container.id, container.attributes())
        container.tell_removed()

    def _clear(self, container: Container) -> None:
        self._services.snapshots.remove(container.id)
        remove_tree(container.directory)
        self._services.layers.release(container.id)

    def _remove_volumes(self, container: Container) -> None:
        """Anonymous volumes go with their container, unless another one uses them."""
        for point in container.mounts:
            others = set(self.users(point.name)) - {container.id}
            if point.type == "volume" and point.anonymous and not others:
                with contextlib.suppress(APIError):
                    self._services.volumes.remove(point.name)

    def users(self, volume: str) -> list[str]:
        """Ids of the containers that mount this volume."""
        return [
            container.id
            for container in self._roster
            if any(p.type == "volume" and p.name == volume for p in container.mounts)
        ]
