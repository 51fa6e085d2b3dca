"""Who is called what in which network: what Docker's own name server knows.

A container is known in its networks by its name, the beginning of its id, and its aliases there.
The three predefined networks have no names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlab.engine.net.endpoints import Endpoint, Member, Members
from dockerlab.engine.net.records import PREDEFINED

SHORT_ID = 12


def addresses(members: Members, container_id: str, name: str) -> list[str]:
    """Addresses of ``name`` in the networks that the container is in; ``NAME.NETWORK``, too.

    A name that is known in several of them is that of the first: with a way out, then by name.
    """
    wanted = name.rstrip(".").casefold()
    networks = sorted(
        _named_networks(members, container_id), key=lambda pair: (not pair[1].gateway, pair[0])
    )
    tries = [(endpoint, wanted) for _, endpoint in networks]
    for network, endpoint in networks:
        bare, dot, rest = wanted.rpartition(f".{network.casefold()}")
        if dot and not rest:
            tries.append((endpoint, bare))
    for endpoint, candidate in tries:
        target = _link(endpoint, candidate)
        if found := list(dict.fromkeys(_in_network(members, endpoint.id, target))):
            return found
    return []


def name_of(members: Members, container_id: str, address: str) -> str:
    """``NAME.NETWORK`` of an address in one of the container's networks, or nothing."""
    for network, own in _named_networks(members, container_id):
        for _, member, endpoint in members.in_network(own.id):
            if endpoint.address == address:
                return f"{member.name}.{network}"
    return ""


def behind(members: Members, container_id: str, address: str) -> str:
    """Where the member with this address in one of the container's networks really is."""
    own = members.all.get(container_id, Member("")).endpoints.values()
    networks = {endpoint.id for endpoint in own if endpoint.address}
    for network_id in networks:
        for _, member, endpoint in members.in_network(network_id):
            if endpoint.address == address:
                return member.loopback or address
    return ""


def knows_names(members: Members, container_id: str) -> bool:
    """Whether the container is in a network with names."""
    return any(True for _ in _named_networks(members, container_id))


def _named_networks(members: Members, container_id: str) -> Iterator[tuple[str, Endpoint]]:
    member = members.all.get(container_id)
    endpoints: Mapping[str, Endpoint] = member.endpoints if member is not None else {}
    return ((name, e) for name, e in endpoints.items() if name not in PREDEFINED)


def _link(endpoint: Endpoint, name: str) -> str:
    for alias, target in endpoint.links.items():
        if alias.casefold() == name:
            return target.casefold()
    return name


def _in_network(members: Members, network_id: str, name: str) -> Iterator[str]:
    for container_id, member, endpoint in members.in_network(network_id):
        if endpoint.address and name in _names(container_id, member, endpoint):
            yield endpoint.address


def _names(container_id: str, member: Member, endpoint: Endpoint) -> set[str]:
    names = (member.name, container_id[:SHORT_ID], *endpoint.aliases)
    return {name.casefold() for name in names if name}
