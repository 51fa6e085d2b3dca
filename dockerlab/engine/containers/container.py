"""One container: what it is, how it is, and how both are kept on disk.

The record on disk is ``container.json`` in the container's folder, rewritten at every change.
What is only true while the engine runs (its process, who waits for its end) lives beside the
record and is not kept.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from dockerlab.engine.containers import restart
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.containers.request.mounts import MountPoint
from dockerlab.engine.run.process import Process, Rootfs
from dockerlab.engine.store.files import write_json

RECORD = "container.json"


@dataclass(slots=True)
class State:
    """How a container is; the fields that Docker's inspect shows, and two more."""

    running: bool = False
    paused: bool = False
    restarting: bool = False
    oom_killed: bool = False
    dead: bool = False
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started_at: str = clock.NEVER
    finished_at: str = clock.NEVER
    stopped_by_hand: bool = False

    @property
    def status(self) -> str:
        """created, running, paused, restarting, exited or dead."""
        if self.running:
            return "paused" if self.paused else "restarting" if self.restarting else "running"
        if self.dead:
            return "dead"
        return "created" if self.started_at == clock.NEVER else "exited"


@dataclass(slots=True)
class Health:
    """What the last health checks said."""

    status: str = "starting"
    failing_streak: int = 0
    log: list[Data] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Container:
    """A container, running or not. Change it under ``lock`` and ``save`` it then."""

    id: str
    name: str
    """Without the leading slash that Docker shows."""
    created: int
    """Unix ns."""
    directory: Path
    config: Data
    host: Data
    image_id: str
    image_name: str
    """As the request spelled it."""
    layers: list[str]
    """Layers of its image, by diff id, bottom first: kept as long as the container is there."""
    rootfs: Rootfs
    mounts: list[MountPoint] = field(default_factory=list)
    endpoints: Data = field(default_factory=dict)
    """The networks that it is in, running or not: by name what was asked for there, as in
    EndpointsConfig. None for one that shares another container's network."""
    links: dict[str, list[str]] = field(default_factory=dict)
    """Of ``--link`` on the default bridge: by alias the other container's id and name."""
    linked: list[str] = field(default_factory=list)
    """The variables that its links give it, as of now."""
    network: Data = field(default_factory=dict)
    """NetworkSettings as inspect shows them, from the last start."""
    state: State = field(default_factory=State)
    restarts: int = 0

    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    process: Process | None = field(default=None, repr=False)
    health: Health | None = None
    execs: list[str] = field(default_factory=list)
    delay: float = 0.0
    """Of the last restart, seconds."""
    no_restart: bool = False
    """A stop or kill is under way: what ends now stays ended."""
    keep: bool = False
    """A restart is under way: its end is not a reason to remove it."""
    committing: bool = False
    """It is paused for an image to be made of it, not because somebody asked for that."""
    removing: bool = False
    started: list[asyncio.Future[int]] = field(default_factory=list, repr=False)
    ended: list[asyncio.Future[int]] = field(default_factory=list, repr=False)
    removed: list[asyncio.Future[int]] = field(default_factory=list, repr=False)
    tasks: dict[str, asyncio.Task[Any]] = field(default_factory=dict, repr=False)
    """``monitor``, ``health``, ``restart``: what works for this container in the background."""

    @property
    def policy(self) -> restart.Policy:
        return restart.parse(self.host["RestartPolicy"])

    @property
    def hostname(self) -> str:
        return str(self.config["Hostname"])

    @property
    def tty(self) -> bool:
        return bool(self.config["Tty"])

    @property
    def path(self) -> str:
        return self.command[0]

    @property
    def command(self) -> list[str]:
        return [*(self.config["Entrypoint"] or ()), *(self.config["Cmd"] or ())]

    def attributes(self) -> dict[str, str]:
        """What every event of this container carries."""
        labels = {k: str(v) for k, v in (self.config["Labels"] or {}).items()}
        return {**labels, "image": self.image_name, "name": self.name}

    def wait_start(self) -> asyncio.Future[int]:
        """A future that is set at the next start, or when there will be none."""
        return _new_future(self.started)

    def wait_end(self) -> asyncio.Future[int]:
        """A future for the exit code of the next end."""
        return _new_future(self.ended)

    def wait_removal(self) -> asyncio.Future[int]:
        """A future for the exit code, set when the container is gone."""
        return _new_future(self.removed)

    def tell_started(self) -> None:
        """Wake those who wait for the start."""
        _resolve(self.started, 0)

    def tell_ended(self) -> None:
        """Wake those who wait for the end, and those who waited for a start that failed."""
        _resolve(self.started, self.state.exit_code)
        _resolve(self.ended, self.state.exit_code)

    def tell_removed(self) -> None:
        """Wake those who wait for the removal, and those who still wait for the end."""
        self.tell_ended()
        _resolve(self.removed, self.state.exit_code)

    def cancel(self, *names: str) -> None:
        """Stop background tasks, but not the one that asks for it."""
        for name in names:
            task = self.tasks.pop(name, None)
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    def save(self) -> None:
        """Write the record; it is the old or the new one, never half of one."""
        write_json(self.directory / RECORD, self.record(), durable=False)

    def record(self) -> Data:
        """What is kept on disk."""
        return {
            "id": self.id,
            "name": self.name,
            "created": self.created,
            "config": self.config,
            "host": self.host,
            "image_id": self.image_id,
            "image_name": self.image_name,
            "layers": self.layers,
            "rootfs": asdict(self.rootfs),
            "mounts": [point.record() for point in self.mounts],
            "endpoints": self.endpoints,
            "links": self.links,
            "linked": self.linked,
            "network": self.network,
            "state": asdict(self.state),
            "restarts": self.restarts,
            "committing": self.committing,
        }


def _new_future(futures: list[asyncio.Future[int]]) -> asyncio.Future[int]:
    futures[:] = [future for future in futures if not future.done()]  # who went away
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    futures.append(future)
    return future


def _resolve(futures: list[asyncio.Future[int]], code: int) -> None:
    for future in futures:
        if not future.done():
            future.set_result(code)
    futures.clear()


_KINDS = {
    "name": str,
    "created": int,
    "config": dict,
    "host": dict,
    "layers": list,
    "endpoints": dict,
    "network": dict,
}
"""What a record must have, and of which kind."""


def load(directory: Path) -> Container | None:
    """The container of this folder; None when it never was complete, or is damaged."""
    try:
        data = json.loads((directory / RECORD).read_text())
        if data["id"] != directory.name or not all(
            isinstance(data[key], kind) for key, kind in _KINDS.items()
        ):
            return None
        rootfs, state = data.pop("rootfs"), data.pop("state")
        data["endpoints"] = _endpoints(data)
        return Container(
            **{key: value for key, value in data.items() if key != "mounts"},
            directory=directory,
            rootfs=Rootfs(**{**rootfs, "lower": tuple(rootfs["lower"])}),
            mounts=[MountPoint(**point) for point in data["mounts"]],
            state=State(**_known(State, state)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _endpoints(data: Data) -> Data:
    """Records of earlier versions say only there which networks a container has been in."""
    mode = str(data["host"].get("NetworkMode") or "default")
    if data["endpoints"] or mode.startswith("container:"):
        return dict(data["endpoints"])
    if data["network"]:
        return {name: {} for name in data["network"].get("Networks") or ()}
    return {"bridge" if mode == "default" else mode: {}}


def _known(kind: Any, data: Data) -> Data:
    """Fields that a record of another version may have and this one does not are dropped."""
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in data.items() if key in names}
