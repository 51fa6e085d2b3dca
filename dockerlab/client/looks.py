"""What ``lab`` can look at more closely. Each look gives a record, and each record has a picture:
``dockerlab.show(record)``, or in a notebook the record at the end of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from dockerlab.client.container import Container
from dockerlab.client.containers import Named
from dockerlab.client.explain import explained
from dockerlab.client.isolation import isolation
from dockerlab.client.pages.answer import Answer
from dockerlab.client.pages.calls import Page, fetch, open_page
from dockerlab.client.reach.reach import reach
from dockerlab.client.record import record
from dockerlab.client.reports import footprint, open_image
from dockerlab.client.watch import Watch, watch
from dockerlab.formats.composed.reach import Reach
from dockerlab.formats.reports import Footprint, ImageReport, IsolationReport
from dockerlab.formats.story import RunStory

if TYPE_CHECKING:
    import docker


class LookCalls:
    """The part of ``Lab`` that looks closer."""

    docker: docker.DockerClient
    url: str

    @explained()
    def story(
        self, image: str, command: str | Sequence[str] | None = None, *, rm: bool = True
    ) -> RunStory:
        """Run a container to its end and tell all that happened on the way.

        >>> lab.story("alpine", "echo hi")  # doctest: +SKIP
        """
        return record(self, image, command, remove=rm)

    @explained()
    def watch(
        self,
        name: str,
        image: str | None = None,
        command: str | Sequence[str] | None = None,
        *,
        grace: int = 10,
        **options: Any,
    ) -> Watch:
        """Follow the life of the container called ``name``; with an image it may be made there.

        ``grace`` is how many seconds a stop waits before it kills; ``options`` go to docker-py's
        ``create_container``.

        >>> lab.watch("box", "alpine", "sleep 600")  # doctest: +SKIP
        """
        return watch(self, name, image, command, grace=grace, **options)

    @overload
    def open(self, what: str) -> ImageReport: ...
    @overload
    def open(self, what: Container) -> Page: ...
    @overload
    def open(
        self, what: Named, port: int, path: str = "/", *, timeout: float = 15.0, height: int = 300
    ) -> Page: ...
    @explained()
    def open(
        self,
        what: Named,
        port: int | None = None,
        path: str = "/",
        *,
        timeout: float = 15.0,
        height: int = 300,
    ) -> ImageReport | Page:
        """Open an image, or the web page that a container serves.

        ``lab.open("redis")`` shows an image's settings, its layers, its files.
        ``lab.open("web", 8080)`` shows what the container says at its port 8080: in a frame in the
        notebook, wherever that runs, and in words. It waits up to ``timeout`` seconds for an
        answer; ``PageUnreachable`` says why none came. ``height`` is the frame's, in pixels.

        >>> lab.open("redis").command  # doctest: +SKIP
        ('redis-server', '--protected-mode', 'no')
        >>> lab.open("web", 8080)  # doctest: +SKIP
        http://127.0.0.1:8080/ → 200 OK
        text:  Hello
        """
        if isinstance(what, str) and port is None:
            return open_image(self, what)
        return open_page(
            self.docker.api,
            _name(what),
            port,
            path,
            engine=self.url,
            timeout=timeout,
            height=height,
        )

    @explained()
    def fetch(
        self, container: Named, port: int | None = None, path: str = "/", *, timeout: float = 15.0
    ) -> Answer:
        """Ask a container's web server, as a browser would, and give what it answered.

        ``port`` is the container's; it may be left out if just one is published. Waits as
        ``open`` does.

        >>> lab.fetch("web", 8080, "/about").status  # doctest: +SKIP
        404
        """
        return fetch(
            self.docker.api, _name(container), port, path, engine=self.url, timeout=timeout
        )

    @explained()
    def isolation(self, container: Named) -> IsolationReport:
        """The walls around a running container: its own namespaces, its limits.

        >>> lab.isolation("web").namespaces[0].separate  # doctest: +SKIP
        True
        """
        return isolation(self, container)

    @explained()
    def footprint(
        self, image: str, command: Sequence[str] = ("sleep", "60"), *, times: int = 5
    ) -> Footprint:
        """Measure what a container of an image costs: time to start, memory, disk.

        >>> lab.footprint("alpine").start < 1000  # milliseconds  # doctest: +SKIP
        True
        """
        return footprint(self, image, command, times=times)

    @explained()
    def reach(self, *what: Any, ports: Sequence[int] = (), timeout: float = 2.0) -> Reach:
        """Who reaches whom, by which name and port: tried out from within each container.

        ``what``: a project (``lab.compose(…)``), or names of projects or networks; without any,
        all running containers. ``ports``: the TCP ports to try, else those where somebody waits or
        which are exposed. ``timeout``: seconds to wait for an answer.

        >>> lab.reach("visits_default").reaches("node-app", "redis-server", 6379)  # doctest: +SKIP
        True
        """
        return reach(self.docker.api, what, ports, timeout)


def _name(container: Named) -> str:
    return container.id if isinstance(container, Container) else container
