"""``compose run``: a container of a service for one command, beside those that are there."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dockerlab.client.compose.looking.labels import ONEOFF, SLUG
from dockerlab.client.compose.looking.state import Eye, FoundImage, State
from dockerlab.client.compose.looking.wire import Wire, part
from dockerlab.client.compose.outcome import Outcome
from dockerlab.client.compose.plans import bodies
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.client.compose.plans.draft import shared
from dockerlab.client.container import Container, RunResult
from dockerlab.client.explain import explained
from dockerlab.client.sessions import attach, output_of
from dockerlab.formats import composefile
from dockerlab.formats.composefile.model import Project, Service
from dockerlab.formats.creation import bind, publish

if TYPE_CHECKING:
    from dockerlab.client.lab import Lab


class RunCalls:
    """The part of ``Compose`` that runs single commands."""

    lab: Lab
    wire: Wire
    project: Project
    up: Callable[..., Outcome]
    reload: Callable[[], Project]
    _prepare: Callable[[Service, bool], None]
    _service: Callable[[str], Service]
    _eye: Callable[[], Eye]

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
        call = ("POST", f"/containers/create?name={part(called)}", body)
        made = self.wire.send(call)
        for key in list(changed.networks)[1:]:
            network = self.project.networks[key].name
            endpoint = self._making(changed, called, use_aliases).endpoint(key)
            joined = {"Container": made["Id"], "EndpointConfig": endpoint}
            self.wire.send(("POST", f"/networks/{part(network)}/connect", joined))
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
        body["Labels"] |= {ONEOFF: "True", SLUG: slug}
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
