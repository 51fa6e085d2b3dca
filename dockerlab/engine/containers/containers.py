"""The containers of the engine: everything that the API asks of them, in one object.

It finds the container, checks what can be checked, and hands over to the parts: creation.py
makes containers, lifecycle.py starts and ends them, removal.py takes them away, execs.py runs
programs in them, listing.py and inspection.py show them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dockerlab.engine.containers import container as records
from dockerlab.engine.containers.attachment import Attachments
from dockerlab.engine.containers.commit import Wish, commit
from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.launch import Launcher
from dockerlab.engine.containers.lifecycle import Lifecycle, running
from dockerlab.engine.containers.looks import clock, inspection, listing, top, usage
from dockerlab.engine.containers.programs.execs import Execs
from dockerlab.engine.containers.removal import Remover, StartedMeanwhile
from dockerlab.engine.containers.request import hostconfig, signals
from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.containers.request.creation import Creator
from dockerlab.engine.containers.roster import Roster
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import APIError, BadParameter, Conflict, NotFound
from dockerlab.engine.run.process import Exit
from dockerlab.engine.run.shim.logs import Log
from dockerlab.engine.store.layers import Layer
from dockerlab.engine.store.mounted import Graft
from dockerlab.engine.threads import to_its_end

log = logging.getLogger("dockerlab.engine.run")

T = TypeVar("T")

STATS_INTERVAL = 1.0
"""Seconds between two readings of ``docker stats``."""


class Containers:
    """All containers of the engine."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._roster = Roster()
        self.execs = Execs(services.events)
        self._remover = Remover(services, self._roster, self.execs)
        self._launcher = Launcher(services, self._roster)
        self._creator = Creator(services, self._roster, self._launcher)
        self._life = Lifecycle(services, self._launcher, self._remover, self.execs)
        self.attachments = Attachments(services, self._launcher)

    # -- the engine's own start and end

    async def load(self) -> None:
        """Read all records, find what still runs, clear what was half-made."""
        self._services.containers.mkdir(0o700, exist_ok=True)
        for directory in sorted(self._services.containers.iterdir()):
            if found := records.load(directory):
                self._roster.add(found)
            else:
                await self._set_aside(directory)
        for container in self._roster:
            try:
                await self._life.adopt(container)
                await self.attachments.mend(container)
            except APIError:
                pass
            except Exception:  # one bad record must not keep all others from starting
                log.exception("cannot take up container %s again", container.name)
        alive = [container.id for container in self._roster if container.state.running]
        self._services.networks.retain(alive)

    async def revive(self) -> None:
        """Start what a restart policy wants to run; after ``load``, when all else is there."""
        await asyncio.gather(*map(self._life.revive, self._roster))

    async def close(self) -> None:
        """End all containers, as Docker Engine does when it is stopped."""
        await self._life.close(list(self._roster))

    async def _set_aside(self, directory: Path) -> None:
        """Clear what was half-made. A record that cannot be read is left for its owner to mend.

        Nothing of it may run on, as nobody could stop it.
        """
        with contextlib.suppress(APIError, OSError):
            running = await self._services.runtime.adopt(str(directory))
            if running is not None and not isinstance(running, Exit):
                await running.signal(signal.SIGKILL)
                await running.wait()
        if (directory / records.RECORD).exists():
            log.error("%s is damaged: this container is left out", directory / records.RECORD)
        else:
            await asyncio.to_thread(self._clear, directory)

    def _clear(self, directory: Path) -> None:
        self._services.snapshots.remove(directory.name)
        shutil.rmtree(directory, ignore_errors=True)

    # -- finding and showing

    def get(self, reference: str) -> Container:
        """By name, id or the beginning of an id. Raises NotFound."""
        return self._roster.get(reference)

    def __iter__(self) -> Iterator[Container]:
        return iter(self._roster)

    def __len__(self) -> int:
        return len(self._roster)

    def summaries(
        self,
        filters: Mapping[str, list[str]] | None = None,
        *,
        all: bool = False,
        limit: int = 0,
    ) -> list[Data]:
        """The lines of ``docker ps``."""
        chosen = listing.select(
            self._roster, filters or {}, all=all, limit=limit, ancestors=self._descendants
        )
        names: dict[str, str | None] = {}
        linked = self._launcher.links.names()
        return [
            listing.summary(c, self._image_name(c, names), linked.get(c.id, ())) for c in chosen
        ]

    def _image_name(self, container: Container, known: dict[str, str | None]) -> str:
        """The name as given, or the id when the name now means another image."""
        name = container.image_name
        if name not in known:
            found = self._find_image(name)
            known[name] = found.id if found else None
        return name if known[name] == container.image_id else container.image_id

    def _find_image(self, name: str) -> Any:
        try:
            return self._services.images.find(name)
        except Exception:  # not a name at all, such as an id of an image that is gone
            return None

    def _descendants(self, reference: str) -> set[str]:
        """An image and all that were built on it."""
        images = self._services.images
        found, todo = set[str](), [images.get(reference)]
        while todo:
            image = todo.pop()
            if image.id not in found:
                found.add(image.id)
                todo += images.children(image)
        return found

    def inspect(self, container: Container) -> Data:
        """Everything about it, without sizes."""
        shown = inspection.inspect(container)
        links = self._launcher.links.shown(container)
        return {**shown, "HostConfig": {**shown["HostConfig"], "Links": links}}

    async def sizes(self, container: Container) -> tuple[int, int]:
        """Bytes that it wrote, and bytes of its whole file system."""
        written = await asyncio.to_thread(self._services.snapshots.size, container.id)
        return written, written + sum(layer.size for layer in self.layers(container))

    def layers(self, container: Container) -> list[Layer]:
        """The layers of its image, lowest first."""
        return [self._services.layers.get(diff_id) for diff_id in container.layers]

    def using_image(self, image_id: str) -> list[tuple[str, bool]]:
        """The containers made from an image: id and whether it runs. For its removal."""
        return [(c.id, c.state.running) for c in self._roster if c.image_id == image_id]

    def using_volume(self, name: str) -> list[str]:
        """Ids of the containers that mount a volume. For its removal."""
        return self._remover.users(name)

    # -- life

    async def create(
        self, name: str, body: Mapping[str, Any], *, several_networks: bool = False
    ) -> tuple[Container, list[str]]:
        """Make a container; warnings come with it."""
        return await self._creator.create(name, body, several_networks=several_networks)

    async def start(self, container: Container) -> None:
        await self._life.start(container)

    async def stop(self, container: Container, timeout: int | None = None) -> None:
        await self._life.stop(container, timeout)

    async def restart(self, container: Container, timeout: int | None = None) -> None:
        await self._life.restart(container, timeout)

    async def kill(self, container: Container, name: str = "KILL") -> None:
        await self._life.kill(container, signals.parse(name or "KILL"))

    async def pause(self, container: Container) -> None:
        await self._life.pause(container)

    async def unpause(self, container: Container) -> None:
        await self._life.unpause(container)

    async def resize(self, container: Container, rows: int, columns: int) -> None:
        """Tell its terminal the new size."""
        await running(container).resize(rows, columns)
        self._life.publish(container, "resize", height=str(rows), width=str(columns))

    async def remove(
        self, container: Container, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove it; a running one only by ``force``."""
        while True:
            try:
                return await self._remove(container, force=force, volumes=volumes)
            except StartedMeanwhile:
                pass  # as if it had run when this was asked for

    async def _remove(self, container: Container, *, force: bool, volumes: bool) -> None:
        if container.state.running and not force:
            raise Conflict(_refusal(container))
        if container.removing:
            raise Conflict(f"removal of container {container.id} is already in progress")
        if container.state.running:
            await self._life.end(container)
        if container.host["AutoRemove"] and await self._removes_itself(container):
            return
        await self._remover.remove(container, volumes=volumes or container.host["AutoRemove"])

    async def _removes_itself(self, container: Container) -> bool:
        """Whether its end made it remove itself; waits until that is done."""
        if self._roster.find(container.id) is not container:
            return True
        if container.removing:
            await container.wait_removal()
            return True
        return False

    async def prune(self, filters: Mapping[str, list[str]]) -> tuple[list[str], int]:
        """Remove all that do not run: their ids, and the bytes freed."""
        for key in filters:
            if key not in ("until", "label", "label!"):
                raise BadParameter(f"Invalid filter '{key}'")
        removed, freed = [], 0
        for container in self._roster:
            if not container.state.running and _prunable(container, filters):
                with contextlib.suppress(APIError):
                    size, _ = await self.sizes(container)
                    await self._remover.remove(container, volumes=False)
                    removed.append(container.id)
                    freed += size
        if removed:
            self._services.events.publish("container", "prune", "", {"reclaimed": str(freed)})
        return removed, freed

    async def rename(self, container: Container, name: str) -> None:
        """Give it another name."""
        if not name.removeprefix("/"):
            raise BadParameter("Neither old nor new names may be empty")
        if name.removeprefix("/") == container.name:
            raise BadParameter("Renaming a container with the same name as its current name")
        try:
            bare = self._roster.reserve(name, container.id, "/" + name.removeprefix("/"))
        except APIError as error:
            message = f"Error when allocating new name: {error.message}"
            raise type(error)(message) from None
        async with container.lock:
            if container.removing or container.state.dead:
                self._roster.free(bare, container.id)
                raise NotFound(f"No such container: {container.id}")
            old, container.name = container.name, bare
            container.save()
            self._roster.free(old, container.id)
            self._services.networks.rename(container.id, bare)
        self._life.publish(container, "rename", oldName=f"/{old}")

    async def update(self, container: Container, body: Mapping[str, Any]) -> list[str]:
        """Change limits and the restart policy; warnings come back."""
        async with container.lock:
            try:
                host, warnings = hostconfig.update(container.host, body)
            except BadParameter as error:
                if "already set" not in error.message:
                    raise
                raise Conflict(f"Cannot update container {container.id}: {error.message}") from None
            warnings += self._creator.ignored(container, host)
            if container.process is not None:
                await container.process.update(hostconfig.limits(host))
            container.host = host
            container.save()
        self._life.publish(container, "update")
        return warnings

    # -- looking inside

    def log(self, container: Container) -> Log:
        """Its output so far."""
        return Log(container.directory / "log.jsonl")

    async def top(self, container: Container, arguments: str) -> top.Table:
        """Its processes as a table."""
        pids = await running(container).processes()
        table = top.table(pids, arguments or "-ef")
        self._life.publish(container, "top")
        return table

    async def stats(self, container: Container, *, one_shot: bool = False) -> AsyncIterator[Data]:
        """Readings of what it uses, one a second, from the second on with the one before."""
        before: Data | None = None
        if not one_shot and container.process is not None:
            before = await usage.sample(container)
            await asyncio.sleep(STATS_INTERVAL)
        while True:
            before = await usage.sample(container, before)
            yield before
            await asyncio.sleep(STATS_INTERVAL)

    async def changes(self, container: Container) -> list[Data]:
        """What it changed in its file system."""
        snapshots, layers, pid = self._services.snapshots, self.layers(container), _pid(container)
        found = await asyncio.to_thread(snapshots.changes, container.id, layers, pid)
        return [{"Path": change.path, "Kind": int(change.kind)} for change in found]

    @contextlib.asynccontextmanager
    async def view(self, container: Container) -> AsyncIterator[Path]:
        """Its whole file system as a folder, while the block runs."""
        snapshots, layers = self._services.snapshots, self.layers(container)
        entered = contextlib.ExitStack()
        shown = snapshots.view(container.id, layers, _pid(container))
        try:
            yield await to_its_end(entered.enter_context, shown)
        finally:
            await asyncio.to_thread(entered.close)

    def grafts(self, container: Container) -> list[Graft]:
        """What is mounted in it and does not show in its view."""
        return self._launcher.grafts(container)

    async def in_view(self, container: Container, work: Callable[[Path], T]) -> T:
        """Run ``work`` in a thread with the path of its whole file system, running or not."""

        async with self.view(container) as root:
            return await asyncio.to_thread(work, root)

    def export(self, container: Container) -> Iterator[bytes]:
        """Its whole file system as an archive; blocking."""
        self._life.publish(container, "export")
        return self._services.snapshots.export(
            container.id, self.layers(container), _pid(container)
        )

    async def commit(self, container: Container, wish: Wish) -> str:
        """Make an image of it and return the image's id."""
        frozen = wish.pause and container.state.running and not container.state.paused
        if frozen:
            await self._life.pause(container, committing=True)
        try:
            image, shown = await asyncio.to_thread(
                commit, self._services, container, self.layers(container), wish
            )
        finally:
            if frozen:
                with contextlib.suppress(APIError):
                    await self.unpause(container)
        self._life.publish(container, "commit", **shown)
        return image.id


def _refusal(container: Container) -> str:
    if container.state.paused:
        return (
            f"You cannot remove a paused container {container.id}. Unpause and then stop the "
            "container before attempting removal or force remove"
        )
    return (
        f"You cannot remove a running container {container.id}. Stop the container before "
        "attempting removal or force remove"
    )


def _prunable(container: Container, filters: Mapping[str, list[str]]) -> bool:
    from_label = filters.get("label", ())
    labels = container.config["Labels"]
    if not all(listing.has_label(labels, value) for value in from_label):
        return False
    if any(listing.has_label(labels, value) for value in filters.get("label!", ())):
        return False
    return all(container.created < clock.parse(value) for value in filters.get("until", ()))


def _pid(container: Container) -> int | None:
    return container.process.pid if container.process is not None else None
