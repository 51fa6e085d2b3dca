"""What can be done in the containers of a project that are there: look, run, exec, follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dockerlab.client.compose.looking import labels, lines, status
from dockerlab.client.compose.looking.lines import Following
from dockerlab.client.compose.looking.state import Eye, Found, State
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.client.compose.outcome import Outcome
from dockerlab.client.compose.plans import bodies
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.client.compose.plans.draft import shared
from dockerlab.client.container import Container, ExecResult
from dockerlab.client.containers import shown_image
from dockerlab.client.explain import explained
from dockerlab.errors import DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composed.lines import LogLine, ProjectLog
from dockerlab.formats.composed.state import ServiceState
from dockerlab.formats.composefile.model import Project, Service
from dockerlab.formats.resources import ContainerRecord, EventRecord, port_text
from dockerlab.formats.table import Table
from dockerlab.formats.text import age, ellipsis, quoted, size

if TYPE_CHECKING:
    from dockerlab.client.lab import Lab

COLUMNS = ("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
IMAGES = ("CONTAINER", "REPOSITORY", "TAG", "IMAGE ID", "SIZE")
INTERRUPTED = 130
Output = Callable[[LogLine], object]


class InsideCalls:
    """The part of ``Compose`` that deals with the containers that there are."""

    lab: Lab
    wire: Wire
    project: Project

    up: Callable[..., Outcome]
    stop: Callable[..., Outcome]
    reload: Callable[[], Project]
    _eye: Callable[[], Eye]
    _named: Callable[[Sequence[str]], tuple[str, ...]]

    # --- how it is ---

    @explained()
    def state(self) -> tuple[ServiceState, ...]:
        """Every service of the project, and how its containers are now."""
        there = self._eye().containers()
        local = self.lab.url.startswith(("unix:", "npipe:"))
        host = "" if local else urlsplit(self.lab.url).hostname or ""
        return status.states(
            self.project, there, lambda service: self._hash(service, there), there=host
        )

    def _hash(self, service: Service, there: tuple[Found, ...]) -> str:
        if not shared(service):
            return service.config_hash
        state = State(containers=there)
        names = {name: of[0].name if (of := state.of(name)) else name for name in shared(service)}
        making = Making(self.project, service, service.name, containers=names)
        ids = {one.name: one.id for one in there}
        bound = bodies.bound(making.body(), ids, partial(composefile.hash_of, service))
        return str(bound["Labels"][labels.HASH])

    @explained()
    def ps(self, *services: str, all: bool = False) -> Table[ContainerRecord]:
        """The running containers of the project, with ``all=True`` the stopped ones too."""
        there = self._there(services, oneoff=all)
        rows = [one.row for one in there if all or one.state in ("running", "restarting")]
        now = time.time()
        records = sorted((ContainerRecord.of(row) for row in rows), key=lambda row: row.name)
        return Table(COLUMNS, records, lambda row: _cells(row, now), caption="Containers")

    @explained()
    def images(self, *services: str) -> Table[tuple[str, ...]]:
        """The images that the containers are of."""
        rows = []
        for one in sorted(self._there(services, oneoff=True), key=lambda one: one.name):
            image = self.lab.image(str(one.row["ImageID"]))
            name = image.tags[0] if image.tags else "<none>:<none>"
            repository, _, tag = name.rpartition(":")
            rows.append((one.name, repository, tag, image.short_id, size(image.size)))
        return Table(IMAGES, rows, lambda row: row, caption="Images")

    @explained()
    def port(self, service: str, private: int, *, protocol: str = "tcp", index: int = 1) -> str:
        """Where a port of a service is reached from here: ``0.0.0.0:8080``."""
        one = self._one(service, index)
        ports = ContainerRecord.of(one.row).ports
        for port in ports:
            if (port.private, port.protocol) == (private, protocol) and port.public:
                return f"{port.address or '0.0.0.0'}:{port.public}"
        known = port_text(ports) or "none"
        raise DockerlabError(
            f"no port {private}/{protocol} for container {one.name}",
            f"its ports are: {known}; ports: in the compose file publishes one",
        )

    @explained()
    def top(self, *services: str) -> Table[list[str]]:
        """The processes of the project's containers."""
        header: list[str] = []
        rows: list[list[str]] = []
        for one in self._there(services):
            if one.state != "running":
                continue
            answer = self.wire.get(f"/containers/{one.id}/top")
            header = ["CONTAINER", *answer["Titles"]]
            rows += [[one.name, *process] for process in answer["Processes"] or []]
        return Table(header or ["CONTAINER"], rows, list, caption="Processes")

    def events(self, *, since: float | None = None) -> Iterator[EventRecord]:
        """What happens to the project's containers, as it happens; endless."""
        wanted = {"label": [f"{labels.PROJECT}={self.project.name}"]}
        start = None if since is None else f"{since:.6f}"
        for event in self.lab.api.events(decode=True, filters=wanted, since=start):
            yield EventRecord.of(event)

    # --- output ---

    @explained()
    def logs(self, *services: str, tail: int | None = None) -> ProjectLog:
        """What the services have written so far, in the order of time."""
        there = self._there(services, oneoff=False)
        found = lines.written(self.lab.api, self.project.name, there, tail=tail)
        names = tuple(dict.fromkeys(one.service for one in there))
        return ProjectLog(self.project.name, names, tuple(found))

    @explained()
    def follow(self, *services: str, tail: int | None = None) -> Following:
        """The lines of the services as they come, until their containers have ended.

        >>> for line in shop.follow("web"):  # doctest: +SKIP
        ...     print(line.label, line.text)
        """
        return self._following(services, tail=tail)

    def _following(
        self,
        services: Sequence[str],
        *,
        tail: int | None = None,
        since: float | None = None,
        first: bool = False,
    ) -> Following:
        return Following(
            self.lab.api,
            self.project.name,
            self._there(services),
            services=self._named(services),
            tail=tail,
            since=since,
            first=first,
        )

    def _attached(
        self,
        outcome: Outcome,
        services: Sequence[str],
        *,
        since: float,
        abort: bool,
        exit_code_from: str,
        timeout: int | None,
        output: Output | None,
        ended: Callable[[str, int], object] | None,
        progress: Callable[[Any], object] | None,
    ) -> Outcome:
        """Follow the output until all have ended; an interrupt stops them, gracefully."""
        following = self._following(services, since=since, first=abort)
        show, told, code = output or _printed, 0, 0
        try:
            for line in following:
                show(line)
                told = _tell(following, told, ended)
        except KeyboardInterrupt:
            code = INTERRUPTED
        finally:
            following.close()
        _tell(following, told, ended)
        if code or abort:
            self.stop(*services, timeout=timeout, progress=progress)
        if abort and not code and following.ended:  # otherwise how they ended is only told
            code = self._ended(following.ended, exit_code_from)
        return replace(outcome, exit_code=code)

    def _ended(self, ended: Sequence[tuple[str, int]], exit_code_from: str) -> int:
        if not exit_code_from:
            return ended[0][1]
        names = [one.name for one in self._there([exit_code_from])]
        codes = [code for name, code in ended if name in names]
        if codes:
            return codes[0]
        shown = self.wire.get(f"/containers/{names[0]}/json") if names else {}
        return int((shown.get("State") or {}).get("ExitCode") or 0)

    # --- commands ---

    def container(self, service: str, index: int = 1) -> Container:
        """The container of a service, number ``index`` of several."""
        return self.lab.container(self._one(service, index).id)

    @explained()
    def exec(
        self,
        service: str,
        command: str | Sequence[str],
        *,
        index: int = 1,
        user: str = "",
        workdir: str = "",
        env: Sequence[str] = (),
    ) -> ExecResult:
        """Run a command in a running container of a service.

        >>> shop.exec("redis", "redis-cli get visits").output  # doctest: +SKIP
        """
        one = self._one(service, index)
        if one.state != "running":
            raise DockerlabError(
                f'service "{service}" is not running', f"docker compose start {service}"
            )
        return self.lab.container(one.id).exec(command, user=user, workdir=workdir, env=env)

    def cp(self, source: str, destination: str, *, index: int = 1) -> None:
        """Copy one file between a service's container and here: ``web:/path`` is in it.

        Folders are copied by ``%docker compose cp``.
        """
        self.lab.cp(self._placed(source, index), self._placed(destination, index))

    def _placed(self, place: str, index: int) -> str:
        service, colon, path = place.partition(":")
        if not colon or service not in self.project.every:
            return place
        return f"{self._one(service, index).name}:{path}"

    # --- which ---

    def _service(self, name: str) -> Service:
        self._named([name])
        return self.project.every[name]

    def _there(self, services: Sequence[str], *, oneoff: bool = False) -> list[Found]:
        names = self._named(services)
        return [
            one
            for one in self._eye().containers()
            if (oneoff or not one.oneoff) and (not names or one.service in names)
        ]

    def _one(self, service: str, index: int = 1) -> Found:
        there = self._there([service])
        for one in there:
            if one.number == index:
                return one
        if there and index == 1:
            return min(there, key=lambda one: one.number)
        raise DockerlabError(
            f'service "{service}" is not running' + (f" container #{index}" if index > 1 else ""),
            f"bring it up: docker compose up -d {service}",
        )


def _tell(following: Following, told: int, ended: Callable[[str, int], object] | None) -> int:
    """Tell of the containers that have ended since ``told`` of them were told of."""
    now = list(following.ended)
    for name, code in now[told:] if ended is not None else ():
        ended(name, code)  # type: ignore[misc]
    return len(now)


def _printed(line: LogLine) -> None:
    with suppress(BrokenPipeError):
        print(f"{line.label}  | {line.text}")


def _cells(row: ContainerRecord, now: float) -> tuple[str, ...]:
    return (
        row.name,
        shown_image(row),
        quoted(ellipsis(row.command, 20)),
        dict(row.labels).get(labels.SERVICE, ""),
        age(row.created, now),
        row.status,
        port_text(row.ports),
    )
