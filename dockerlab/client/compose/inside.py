"""What can be done in the containers of a project that are there: look, run, exec, follow."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dockerlab.client.compose.looking import labels, lines, status
from dockerlab.client.compose.looking.lines import Following
from dockerlab.client.compose.looking.state import Eye, Found, FoundImage, State
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.client.compose.outcome import Outcome
from dockerlab.client.compose.plans import bodies
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.client.compose.plans.bringing import shared
from dockerlab.client.container import Container, ExecResult, RunResult
from dockerlab.client.containers import shown_image
from dockerlab.client.explain import explained
from dockerlab.client.sessions import attach, output_of
from dockerlab.errors import DockerlabError
from dockerlab.formats import composefile
from dockerlab.formats.composed.lines import LogLine, ProjectLog
from dockerlab.formats.composed.state import ServiceState
from dockerlab.formats.composefile.model import Project, Service
from dockerlab.formats.creation import bind, publish
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
    _prepare: Callable[[Service, bool], None]
    _eye: Callable[[], Eye]
    _named: Callable[[Sequence[str]], tuple[str, ...]]

    # --- how it is ---

    @explained()
    def state(self) -> tuple[ServiceState, ...]:
        """Every service of the project, and how its containers are now."""
        there = self._eye().containers()
        return status.states(self.project, there, lambda service: self._hash(service, there))

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
        for event in self.lab.api.events(decode=True, filters=wanted, since=since):
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
        there = self._there(services, oneoff=False)
        return Following(
            self.lab.api, self.project.name, there, services=self._named(services), tail=tail
        )

    def _attached(
        self,
        outcome: Outcome,
        services: Sequence[str],
        abort: bool,
        exit_code_from: str,
        timeout: int | None,
        output: Output | None,
        progress: Callable[[Any], object] | None,
    ) -> Outcome:
        """Follow the output until all have ended; an interrupt stops them, gracefully."""
        following = self.follow(*services)
        show = output or _printed
        code = 0
        try:
            for line in _until_ended(following, abort=abort or bool(exit_code_from)):
                show(line)
        except KeyboardInterrupt:
            code = INTERRUPTED
        finally:
            following.close()
        if code or abort or exit_code_from:
            self.stop(*services, timeout=timeout, progress=progress)
        if not code and following.ended:
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

    @explained()
    def run(
        self,
        service: str,
        command: str | Sequence[str] = (),
        *,
        detach: bool = False,
        rm: bool = False,
        dependencies: bool = True,
        input: str = "",
        progress: Callable[[Any], object] | None = None,
        **options: Any,
    ) -> RunResult | Container:
        """Run a command in a new container of a service, beside those that are there.

        What the service depends on is brought up first. Further ``options`` are those of
        ``single``.

        >>> shop.run("web", "npm test", rm=True).exit_code  # doctest: +SKIP
        """
        self.reload()
        if dependencies:
            self._dependencies(service, progress)
        box = self.single(service, command, rm=rm, stdin=bool(input), **options)
        if detach:
            return box.start()
        session = attach(self.lab.api, box.id, stdin=bool(input), removed=rm)
        try:
            box.raw.start()
            if input:
                session.send(input.encode())
                session.end_input()
            out, err = output_of(session)
            code = session.exit_code()
        finally:
            session.close()
        return RunResult(code, out, err, None if rm else box.reload())

    def _dependencies(self, service: str, progress: Callable[[Any], object] | None) -> None:
        mine = self._service(service)
        names = [name for name in mine.depends_on if name in self.project.services]
        if names:
            self.up(names, progress=progress)

    @explained()
    def single(
        self,
        service: str,
        command: str | Sequence[str] = (),
        *,
        name: str = "",
        rm: bool = False,
        stdin: bool = False,
        tty: bool = False,
        env: Sequence[str] = (),
        user: str = "",
        workdir: str = "",
        entrypoint: str = "",
        volumes: Sequence[str] = (),
        ports: Sequence[str] = (),
        service_ports: bool = False,
        use_aliases: bool = False,
        build: bool = False,
        labels: Mapping[str, str] | None = None,
    ) -> Container:
        """Make the container of a ``run`` without starting it; ``run`` does both.

        It publishes no port of the service unless ``service_ports``, and does not answer to the
        service's name unless ``use_aliases``.
        """
        words = tuple(shlex.split(command) if isinstance(command, str) else command)
        mine = self._service(service)
        given = dict(each.partition("=")[::2] for each in env)
        changed = replace(
            mine,
            environment={**mine.environment, **given},
            command=words or mine.command,
            entrypoint=tuple(shlex.split(entrypoint)) if entrypoint else mine.entrypoint,
            user=user or mine.user,
            working_dir=workdir or mine.working_dir,
            ports=mine.ports if service_ports else (),
            labels={**mine.labels, **(labels or {})},
            tty=tty,
            restart="",
            canonical={},
        )
        self._prepare(mine, build)
        body, called = self._single(changed, name, stdin=stdin, rm=rm, aliases=use_aliases)
        host = body["HostConfig"]
        if volumes:
            host["Binds"] = [*host.get("Binds", ()), *(bind(each) for each in volumes)]
        for text in ports:
            for key, binding in publish(text):
                body.setdefault("ExposedPorts", {})[key] = {}
                host.setdefault("PortBindings", {}).setdefault(key, []).append(binding)
        call = ("POST", f"/containers/create?name={called}", body)
        made = self.wire.send(call)
        for key in list(changed.networks)[1:]:
            network = self.project.networks[key].name
            endpoint = self._making(changed, called, use_aliases).endpoint(key)
            joined = {"Container": made["Id"], "EndpointConfig": endpoint}
            self.wire.send(("POST", f"/networks/{network}/connect", joined))
        return self.lab.container(made["Id"])

    def _single(
        self, service: Service, name: str, *, stdin: bool, rm: bool, aliases: bool
    ) -> tuple[bodies.Body, str]:
        slug = secrets.token_hex(32)
        called = name or f"{self.project.name}-{service.name}-run-{slug[:12]}"
        making = self._making(service, called, aliases)
        body = making.body()
        if making.refers:
            ids = {one.name: one.id for one in self._eye().containers()}
            body = bodies.bound(body, ids, partial(composefile.hash_of, service))
        body["Labels"] |= {labels.ONEOFF: "True", labels.SLUG: slug}
        body |= {"AttachStdin": stdin, "OpenStdin": stdin, "StdinOnce": stdin}
        body["HostConfig"]["AutoRemove"] = rm
        return body, called

    def _making(self, service: Service, name: str, aliases: bool) -> Making:
        eye = self._eye()
        state = State(containers=eye.containers(), images=eye.images([service.image_name]))
        return Making(
            self.project,
            service,
            name,
            image=state.images.get(service.image_name, FoundImage("")),
            containers={other: state.of(other)[0].name for other in shared(service)},
            service_names=aliases,
        )

    def cp(self, source: str, destination: str, *, index: int = 1) -> None:
        """Copy one file between a service's container and here: ``web:/path`` is in it.

        Folders are copied by ``%docker compose cp``.
        """
        self.lab.cp(self._placed(source, index), self._placed(destination, index))

    def _placed(self, place: str, index: int) -> str:
        service, colon, path = place.partition(":")
        if not colon or service not in {**self.project.disabled, **self.project.services}:
            return place
        return f"{self._one(service, index).name}:{path}"

    # --- which ---

    def _service(self, name: str) -> Service:
        self._named([name])
        return {**self.project.disabled, **self.project.services}[name]

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


def _until_ended(following: Following, *, abort: bool) -> Iterator[LogLine]:
    """Its lines; with ``abort`` only until the first container has ended."""
    for line in following:
        yield line
        if abort and following.ended:
            return


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
