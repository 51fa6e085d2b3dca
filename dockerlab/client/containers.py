"""What ``lab`` can do with containers."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerlab.client.container import Container, ExecResult, RunResult
from dockerlab.client.explain import explained
from dockerlab.client.images import fetch
from dockerlab.client.patience import Pulled, telling
from dockerlab.client.sessions import attach, output_of
from dockerlab.errors import NotFoundHere
from dockerlab.formats.creation import Creation, bytes_of, pairs
from dockerlab.formats.resources import Change, ContainerRecord, StatsRecord, port_text
from dockerlab.formats.table import Table
from dockerlab.formats.text import age, ellipsis, quoted, short_id

if TYPE_CHECKING:
    import docker

Named = Container | str
"""A container, or its name or id."""

PS = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")


def ps_cells(row: ContainerRecord, now: float) -> tuple[str, ...]:
    """The columns of ``docker ps``."""
    return (
        short_id(row.id),
        shown_image(row),
        quoted(ellipsis(row.command, 20)),
        age(row.created, now),
        row.status,
        port_text(row.ports),
        row.name,
    )


def shown_image(row: ContainerRecord) -> str:
    """The image's name, or its short id when it was run by id or has lost its name."""
    if row.image.startswith("sha256:") or row.image == row.image_id:
        return short_id(row.image)
    return row.image or "<no image>"


class ContainerCalls:
    """The part of ``Lab`` that deals with containers."""

    docker: docker.DockerClient
    api: Any
    """docker-py's low-level client: one call, one request."""

    @explained()
    def run(
        self,
        image: str,
        command: str | Sequence[str] = (),
        *,
        name: str = "",
        detach: bool = False,
        rm: bool = False,
        ports: Sequence[str] = (),
        volumes: Sequence[str] = (),
        env: Mapping[str, str] | Sequence[str] = (),
        workdir: str = "",
        user: str = "",
        network: str = "",
        memory: int | str = 0,
        labels: Mapping[str, str] | Sequence[str] = (),
        input: str = "",
    ) -> Any:
        """Create a container from an image, start it and wait for its end, as ``docker run``.

        Gives a ``RunResult`` with its output, or with ``detach=True`` the running ``Container``.
        ``ports`` and ``volumes`` are written as after ``-p`` and ``-v``. An image that is not
        here is pulled first. An interrupt ends the container. ``create`` followed by ``start``
        does it in two steps; for rarer options use ``%docker run`` or ``lab.docker``, docker-py's
        own client.

        >>> lab.run("alpine", "echo hi", rm=True).output  # doctest: +SKIP
        'hi\\n'
        """
        creation = Creation(
            image=image,
            command=_words(command),
            name=name,
            detach=detach,
            remove=rm,
            ports=tuple(ports),
            volumes=tuple(volumes),
            env=_env(env),
            workdir=workdir,
            user=user,
            network=network,
            memory=bytes_of(memory),
            labels=pairs(labels),
            stdin=bool(input),
        )
        container = self._created(creation)
        if detach:
            return container.start()
        return self._attached(container, creation, input)

    def _attached(self, container: Container, creation: Creation, text: str) -> RunResult:
        session = attach(
            self.api,
            container.id,
            stdin=creation.stdin,
            tty=creation.tty,
            removed=creation.remove,
        )
        try:
            container.raw.start()
            if text:
                session.send(text.encode())
                session.end_input()
            out, err = output_of(session)
            code = session.exit_code()
        except KeyboardInterrupt:
            session.end()
            raise
        finally:
            session.close()
        return RunResult(code, out, err, None if creation.remove else container.reload())

    @explained()
    def create(
        self, image: str, command: str | Sequence[str] = (), *, name: str = "", **more: Any
    ) -> Container:
        """Make a container without starting it. ``more``: any field of ``Creation``.

        >>> box = lab.create("alpine", "echo hi", name="box")  # doctest: +SKIP
        """
        return self._created(Creation(image, _words(command), name=name, **more))

    def _created(self, creation: Creation) -> Container:
        body = creation.body()
        name = creation.name or None
        try:
            answer = self.api.create_container_from_config(body, name)
        except Exception as error:
            # docker run fetches a missing image; whether it is that is asked of the engine
            # rather than of its words.
            if getattr(error, "status_code", 0) != 404 or self._has_image(creation.image):
                raise
            with telling(f"Pulling {creation.image}") as at:
                fetch(self.api, creation.image, progress=Pulled(at))
            answer = self.api.create_container_from_config(body, name)
        return self.container(answer["Id"])

    def _has_image(self, name: str) -> bool:
        return bool(self.api.images(name))

    @explained()
    def container(self, name: Named) -> Container:
        """The container with this name or id.

        >>> lab.container("web").status  # doctest: +SKIP
        'running'
        """
        if isinstance(name, Container):
            return name
        return Container(self.docker, self.docker.containers.get(name))

    def has(self, name: str) -> bool:
        """Whether there is a container of this name or id."""
        try:
            self.container(name)
        except NotFoundHere:
            return False
        return True

    def start(self, *names: Named) -> None:
        """Start stopped containers."""
        for name in names:
            self.container(name).start()

    def stop(self, *names: Named, timeout: int = 10) -> None:
        """Ask containers to end; whoever still runs after ``timeout`` seconds is killed."""
        for name in names:
            self.container(name).stop(timeout=timeout)

    def kill(self, *names: Named, signal: str = "KILL") -> None:
        """End containers at once, or send them another signal."""
        for name in names:
            self.container(name).kill(signal)

    def restart(self, *names: Named, timeout: int = 10) -> None:
        """Stop containers and start them again."""
        for name in names:
            self.container(name).restart(timeout=timeout)

    def pause(self, *names: Named) -> None:
        """Freeze all processes of containers."""
        for name in names:
            self.container(name).pause()

    def unpause(self, *names: Named) -> None:
        """Let paused containers go on."""
        for name in names:
            self.container(name).unpause()

    def rm(self, *names: Named, force: bool = False, volumes: bool = False) -> None:
        """Remove containers; only stopped ones, unless ``force``.

        >>> lab.rm("web", force=True)  # doctest: +SKIP
        """
        for name in names:
            self.container(name).rm(force=force, volumes=volumes)

    def rename(self, name: Named, new_name: str) -> Container:
        """Give a container another name."""
        return self.container(name).rename(new_name)

    def wait(self, name: Named, *, timeout: float | None = None) -> int:
        """Wait until a container ends; its exit code."""
        return self.container(name).wait(timeout=timeout)

    @explained()
    def ps(
        self, *, all: bool = False, filters: Mapping[str, Any] | None = None
    ) -> Table[ContainerRecord]:
        """The running containers, with ``all=True`` the stopped ones too.

        >>> lab.ps(all=True, filters={"status": "exited"})  # doctest: +SKIP
        """
        rows = self.api.containers(all=all, filters=dict(filters or {}))
        now = time.time()
        records = [ContainerRecord.of(row) for row in rows]
        return Table(PS, records, lambda row: ps_cells(row, now), caption="Containers")

    def logs(self, name: Named, *, tail: int | None = None, timestamps: bool = False) -> str:
        """What a container has written, running or not."""
        return self.container(name).logs(tail=tail, timestamps=timestamps)

    def exec(
        self, name: Named, command: str | Sequence[str], *, user: str = "", workdir: str = ""
    ) -> ExecResult:
        """Run a command in a running container.

        >>> lab.exec("web", "ls /").output  # doctest: +SKIP
        """
        return self.container(name).exec(command, user=user, workdir=workdir)

    def top(self, name: Named) -> Table[list[str]]:
        """The processes of a container, as the host sees them."""
        return self.container(name).top()

    def stats(self, name: Named) -> StatsRecord:
        """What a container uses now: processor, memory, network, disk, processes."""
        return self.container(name).stats()

    def diff(self, name: Named) -> Table[Change]:
        """The files of a container that differ from its image."""
        return self.container(name).diff()

    def cp(self, source: str, destination: str) -> None:
        """Copy one file: one of the two is ``container:/path``, the other a path here.

        Folders are copied by ``%docker cp``.

        >>> lab.cp("page.html", "web:/tmp/page.html")  # doctest: +SKIP
        """
        if ":" in source:
            name, _, path = source.partition(":")
            Path(destination).write_bytes(self.container(name).read(path))
        else:
            name, _, path = destination.partition(":")
            self.container(name).write(path, Path(source).read_bytes())


def _words(command: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(shlex.split(command) if isinstance(command, str) else command)


def _env(env: Mapping[str, str] | Sequence[str]) -> tuple[str, ...]:
    if isinstance(env, Mapping):
        return tuple(f"{name}={value}" for name, value in env.items())
    return tuple(env)
