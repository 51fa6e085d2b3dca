"""What one client believes about the things it made, and what an engine says about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import docker
from docker.client import DockerClient

GONE = "gone"
KINDS = ("container", "network", "volume", "image")


class Beliefs:
    """The states that each thing may be in: one, or several where an action was cut off.

    A thing is its kind and its name. A container's states are Docker's words and ``gone``; others
    are ``there`` or ``gone``.
    """

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], frozenset[str]] = {}

    @contextmanager
    def changing(self, kind: str, name: str, to: str, by_way_of: str = "") -> Iterator[str]:
        """Within the block the thing goes to a new state; an error leaves open which it has."""
        before = self._states.get((kind, name), frozenset({GONE}))
        self._states[kind, name] = before | {to, by_way_of or to}
        yield name
        self._states[kind, name] = frozenset({to})

    def may_be(self, kind: str, name: str, *states: str) -> None:
        self._states[kind, name] = frozenset(states)

    def of(self, kind: str, name: str) -> frozenset[str]:
        return self._states.get((kind, name), frozenset({GONE}))

    def named(self, kind: str, state: str) -> list[str]:
        """The things that surely are in this state."""
        return [n for (k, n), s in self._states.items() if k == kind and s == {state}]

    def present(self, kind: str) -> dict[str, frozenset[str]]:
        """Whatever may be there."""
        return {n: s for (k, n), s in self._states.items() if k == kind and s != {GONE}}

    def uncertain(self) -> list[tuple[str, str]]:
        """Networks come after the containers that are in them."""
        found = [thing for thing, states in self._states.items() if len(states) > 1]
        return sorted(found, key=lambda thing: KINDS.index(thing[0]))


def said(client: DockerClient, kind: str, prefix: str) -> dict[str, str]:
    """What the engine has of this kind whose name begins so: name → state."""
    match kind:
        case "container":
            listed = client.api.containers(all=True, filters={"name": f"^/?{prefix}"})
            return {each["Names"][0].lstrip("/"): each["State"] for each in listed}
        case "network":
            names = [each["Name"] for each in client.api.networks()]
        case "volume":
            names = [each["Name"] for each in client.api.volumes()["Volumes"] or []]
        case _:
            tags = [tag for each in client.api.images() for tag in each["RepoTags"] or []]
            names = [tag.removesuffix(":latest") for tag in tags]
    return {name: "there" for name in names if name.startswith(prefix)}


def differences(beliefs: Beliefs, client: DockerClient, prefix: str) -> Iterator[str]:
    """A line for each thing of this prefix about which the engine says something else."""
    for kind in KINDS:
        have, believed = said(client, kind, prefix), beliefs.present(kind)
        for name in sorted(have.keys() | believed.keys()):
            state, states = have.get(name, GONE), believed.get(name, frozenset({GONE}))
            if state not in states:
                yield f"{kind} {name} is {state}, but was left {' or '.join(sorted(states))}"


def remove(client: DockerClient, kind: str, name: str) -> None:
    with suppress(docker.errors.NotFound):
        match kind:
            case "container":
                client.api.remove_container(name, force=True, v=True)
            case "network":
                client.api.remove_network(name)
            case "volume":
                client.api.remove_volume(name, force=True)
            case _:
                client.api.remove_image(name, force=True)
