"""The load balancer: an Nginx container, its configuration, and what it says about instances."""

from __future__ import annotations

import io
import re
import secrets
import tarfile
import time
from collections.abc import Sequence

from docker.errors import APIError, ImageNotFound, NotFound

from dockerlab.client.explain import explained
from dockerlab.cloud.beanstalk.fleet import probe
from dockerlab.cloud.beanstalk.fleet.nginx import MANAGED, OPEN, Target, configuration
from dockerlab.cloud.beanstalk.fleet.site import Site, remove_container
from dockerlab.cloud.beanstalk.fleet.traffic import Follower, Traffic
from dockerlab.errors import DockerlabError

IMAGE = "nginx"
HOST = "127.0.0.1"
FIRST, LAST = 8081, 8199
"""Where the first free port is looked for."""
_TAKEN = re.compile(r"already allocated|already in use|address in use|cannot expose", re.IGNORECASE)


class PortTaken(DockerlabError):
    """The port on the host belongs to somebody else."""


class NotRunning(DockerlabError):
    """The balancer's container has ended, or is gone."""


class Balancer:
    """One container, published at ``port`` of this machine's loopback."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.name = f"{site.name}-balancer"
        self.port = 0
        self.traffic = Traffic()
        self.targets: tuple[Target, ...] = ()
        """Whom it was told of last."""
        self.reached: tuple[Target, ...] = ()
        """Whom it passed requests to when it was last asked: a reload takes its moment."""
        self._token = secrets.token_hex(12)
        self._generation = 0
        self._delay = self._patience = 5
        self._container = ""
        self._managed = 0
        self.since = 0.0
        """When it was started (monotonic): a look from before tells nothing of it."""
        self._follower: Follower | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/" if self.port else ""

    @property
    def container(self) -> str:
        """Its id; empty while there is none."""
        return self._container

    # --- its life ---

    def start(self, port: int, *, delay: int, patience: int) -> None:
        """At this port, or with 0 at the first that is free. PortTaken, and nothing is left."""
        self._delay, self._patience = delay, patience
        for candidate in (port,) if port else range(FIRST, LAST + 1):
            try:
                self._start(candidate)
            except PortTaken:
                if candidate in (port, LAST):
                    raise
            else:
                return

    @explained()
    def _start(self, port: int) -> None:
        api = self.site.api
        self._have_image()
        host = api.create_host_config(
            port_bindings={OPEN: (HOST, port), MANAGED: (HOST, None)},
            network_mode=self.site.network,
            log_config={"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
        )
        self._container = api.create_container(
            IMAGE,
            name=self.name,
            ports=[OPEN, MANAGED],
            host_config=host,
            labels=self.site.labels("balancer"),
        )["Id"]
        try:
            self._write(self.targets)
            api.start(self._container)
        except APIError as error:
            self.remove()
            if _TAKEN.search(str(error.explanation or error)):
                raise PortTaken(f"Port {port} of this machine is in use") from None
            raise
        self.port = port
        self._follow()

    def _have_image(self) -> None:
        try:
            self.site.api.inspect_image(IMAGE)
        except ImageNotFound:
            self.site.api.pull(IMAGE, tag="latest")

    @explained()
    def revive(self) -> None:
        """Start it again after it was stopped, or make it anew at the same port."""
        self._managed = 0
        try:
            self.site.api.start(self._container)
        except (NotFound, APIError):
            self.remove()
            self._start(self.port)
            return
        self._follow()

    def _follow(self) -> None:
        self.since = time.monotonic()
        if self._follower is not None:
            self._follower.close()
        self._follower = Follower(self.site.api, self._container, self.traffic.count)

    @explained()
    def remove(self) -> None:
        if self._follower is not None:
            self._follower.close()
            self._follower = None
        if self._container:
            remove_container(self.site.api, self._container)
        self._container, self._managed, self.reached = "", 0, ()

    # --- what it does ---

    @explained()
    def serve(self, targets: Sequence[Target], *, delay: int, patience: int) -> None:
        """Pass requests on to these from now on. ``through`` tells when that is so."""
        self._delay, self._patience = delay, patience
        self._generation += 1
        self._write(targets)
        self.site.api.kill(self._container, "HUP")
        self.targets = tuple(targets)

    def _write(self, targets: Sequence[Target]) -> None:
        text = configuration(
            targets,
            token=self._token,
            generation=self._generation,
            delay=self._delay,
            patience=self._patience,
        )
        self.site.api.put_archive(self._container, "/etc/nginx", _packed("nginx.conf", text))

    def through(self) -> bool:
        """Whether new requests go by the last configuration."""
        targets, generation = self.targets, str(self._generation)
        try:
            body = probe.read(self._host_port(), f"/{self._token}/generation", 2)
        except NotRunning:
            return False
        if body == generation:
            self.reached = targets
        return body == generation

    @explained()
    def drained(self) -> bool:
        """Whether nobody goes by an earlier configuration any more.

        Its worker process takes requests for a moment after the new one does, then answers those
        it has, then ends.
        """
        rows = self.site.api.top(self._container)["Processes"]
        return sum("worker process" in str(row[-1]) for row in rows) == 1

    def check(self, target: Target, path: str) -> probe.Answer:
        """An instance's answer to a request that comes through the network, as others do."""
        way = f"/{self._token}/check/{target.address}/{target.port}{path}"
        answer = probe.ask(self._host_port(), way, self._patience + 3)
        if answer.problem == probe.LOST:
            self._managed = 0  # after a restart it is published elsewhere
        return answer

    @explained()
    def _host_port(self) -> int:
        if not self._managed:
            facts = self.site.api.inspect_container(self._container)
            found = (facts["NetworkSettings"].get("Ports") or {}).get(f"{MANAGED}/tcp")
            if not found:
                raise NotRunning(f"{self.name} does not run")
            self._managed = int(found[0]["HostPort"])
        return self._managed


def _packed(name: str, text: str) -> bytes:
    data = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o644
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
