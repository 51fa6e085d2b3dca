"""What ``lab`` can look at more closely. Each look gives a record, and each record has a picture:
``dockerlab.show(record)``, or in a notebook the record at the end of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dockerlab.client.containers import Named
from dockerlab.client.explain import explained
from dockerlab.client.isolation import isolation
from dockerlab.client.record import record
from dockerlab.client.reports import footprint, open_image
from dockerlab.client.watch import Watch, watch
from dockerlab.formats.reports import Footprint, ImageReport, IsolationReport
from dockerlab.formats.story import RunStory

if TYPE_CHECKING:
    import docker


class LookCalls:
    """The part of ``Lab`` that looks closer."""

    docker: docker.DockerClient

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

    @explained()
    def open(self, image: str) -> ImageReport:
        """Open an image: its settings, its layers, its files.

        >>> lab.open("redis").command  # doctest: +SKIP
        ('redis-server', '--protected-mode', 'no')
        """
        return open_image(self, image)

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
