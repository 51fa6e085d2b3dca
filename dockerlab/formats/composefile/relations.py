"""What of a project is connected with what: for pictures, and for the order of starting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dockerlab.errors import ComposeFileError
from dockerlab.formats.composefile.checks.cycles import cycle, levels
from dockerlab.formats.composefile.model import Project, Service
from dockerlab.formats.composefile.text.findings import problem

NodeKind = Literal["service", "network", "volume", "bind", "config", "secret", "port"]
EdgeKind = Literal[
    "depends_on", "links", "network_mode", "volumes_from", "network", "mount", "file", "port"
]
_NAMESPACES = ("network_mode", "ipc", "pid", "uts", "cgroup")


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """``name``: a key of the project's services, networks …; a path; or a port of the host."""

    kind: NodeKind
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """From a service to what it uses or waits for.

    ``label``: a dependency's condition, the aliases in a network, the path of a mount, the port
    of the container that a port of the host leads to.
    """

    start: Node
    end: Node
    kind: EdgeKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """``levels``: the names of services, those of a level start when the earlier ones have."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    levels: tuple[tuple[str, ...], ...]


def graph(project: Project) -> Graph:
    """The nodes and edges of a project, and the order of its services.

    ComposeFileError names the circle when services wait for each other in one.
    """
    waits = {name: list(service.depends_on) for name, service in project.services.items()}
    if circle := cycle(waits):
        place = project.services[circle[0]].where
        text = f"dependency cycle detected: {' -> '.join(circle)}"
        raise ComposeFileError([problem(text, at=place, key=("services", circle[0]))])
    edges = sorted({edge for service in project.services.values() for edge in _edges(service)})
    nodes = {Node("service", name) for name in project.services}
    nodes |= {Node("network", key) for key in project.networks}
    nodes |= {Node("volume", key) for key in project.volumes}
    nodes |= {end for edge in edges for end in (edge.start, edge.end)}
    order = tuple(tuple(level) for level in levels(waits))
    return Graph(tuple(sorted(nodes)), tuple(edges), order)


def _edges(service: Service) -> Iterator[Edge]:
    start = Node("service", service.name)
    yield from _to_services(service, start)
    for key, attachment in service.networks.items():
        aliases = ", ".join(attachment.aliases) if attachment else ""
        yield Edge(start, Node("network", key), "network", aliases)
    for mount in service.volumes:
        if mount.type in ("volume", "bind") and mount.source:
            kind: NodeKind = "volume" if mount.type == "volume" else "bind"
            yield Edge(start, Node(kind, mount.source), "mount", mount.target)
    for file in service.configs:
        yield Edge(start, Node("config", file.source), "file", file.target)
    for file in service.secrets:
        yield Edge(start, Node("secret", file.source), "file", file.target)
    for port in service.ports:
        host = f"{port.host_ip}:" if port.host_ip else ""
        name = f"{host}{port.published or 'any'}/{port.protocol}"
        yield Edge(start, Node("port", name), "port", f"{port.target}/{port.protocol}")


def _to_services(service: Service, start: Node) -> Iterator[Edge]:
    """Each dependency once: by its reason, where it follows from something else."""
    reasons: dict[str, tuple[EdgeKind, str]] = {}
    for link in service.links:
        name, _, alias = link.partition(":")
        reasons[name] = "links", alias
    for source in service.volumes_from:
        reasons.setdefault(source.split(":")[0], ("volumes_from", ""))
    for namespace in _NAMESPACES:
        shared = str(getattr(service, namespace))
        if shared.startswith("service:"):
            reasons[shared.removeprefix("service:")] = "network_mode", namespace
    for name, dependency in service.depends_on.items():
        kind, label = reasons.get(name, ("depends_on", ""))
        yield Edge(start, Node("service", name), kind, label or dependency.condition)
