"""``Lab``: a connected engine, and all that a learner does with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dockerlab.client.builds.calls import BuildCalls
from dockerlab.client.ci.calls import CiCalls
from dockerlab.client.cloud.calls import CloudCalls
from dockerlab.client.compose.calls import ComposeCalls
from dockerlab.client.containers import ContainerCalls
from dockerlab.client.images import ImageCalls
from dockerlab.client.looks import LookCalls
from dockerlab.client.networks import NetworkCalls
from dockerlab.client.places.calls import PlaceCalls
from dockerlab.client.system import SystemCalls
from dockerlab.client.trace import recording
from dockerlab.client.volumes import VolumeCalls
from dockerlab.formats.resources import Exchange

if TYPE_CHECKING:
    import docker


class Lab(
    BuildCalls,
    ContainerCalls,
    ImageCalls,
    VolumeCalls,
    NetworkCalls,
    ComposeCalls,
    SystemCalls,
    LookCalls,
    PlaceCalls,
    CiCalls,
    CloudCalls,
):
    """A connection to an engine; ``dockerlab.connect()`` makes one.

    ``url`` is its address, ``why`` one sentence saying which engine it is and why that one.
    ``docker`` is docker-py's client, for all that is not here.

    >>> import dockerlab
    >>> lab = dockerlab.connect()  # doctest: +SKIP
    >>> lab.run("hello-world", rm=True)  # doctest: +SKIP
    """

    def __init__(self, client: docker.DockerClient, url: str, why: str) -> None:
        self.docker = client
        self.api: Any = client.api
        self.url = url
        self.why = why

    @contextmanager
    def trace(self) -> Iterator[list[Exchange]]:
        """The requests that a block of code sends to the engine.

        >>> with lab.trace() as requests:  # doctest: +SKIP
        ...     lab.run("alpine", "true", rm=True)
        >>> [request.method for request in requests]  # doctest: +SKIP
        ['POST', 'GET', 'POST', 'POST', 'POST']
        """
        with recording(self.api) as exchanges:
            yield exchanges

    def close(self) -> None:
        """Close the connection; the engine and its containers go on."""
        self.docker.close()

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Lab at {self.url}>\n{self.why}"
