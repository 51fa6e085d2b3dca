"""Links on the default bridge (``--link db:store``): lines in /etc/hosts and variables.

On networks of users' own a link is one more name for the name server, see net/names/lookup.py.
A container's record keeps its links as ``{alias: [id, name]}`` of the other container.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.request.config import Data, check_line, check_port
from dockerlab.engine.containers.roster import Roster
from dockerlab.engine.errors import BadParameter, NotFound, ServerError
from dockerlab.engine.net.names import hostsfile

_OWN = ("", "HOME", "PATH")


class Links:
    """Who is linked to whom."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def resolve(self, texts: Iterable[Any]) -> dict[str, list[str]]:
        """The links of a new container. Raises what Docker says of those that cannot be."""
        found = {}
        for text in map(str, texts):
            check_line("Links", text)
            name, _, alias = text.partition(":")
            if ":" in alias:
                raise ServerError(f"bad format for links: {text}")
            try:
                if not name:
                    raise BadParameter('invalid name or ID supplied: ""')
                other = self._roster.get(name)
            except (BadParameter, NotFound) as error:
                raise BadParameter(f"could not get container for {name}: {error}") from None
            found[alias or other.name] = [other.id, other.name]
        return found

    def prepare(self, container: Container) -> list[tuple[str, list[str]]]:
        """Lines of its hosts file for those it is linked to, who must run; variables are noted."""
        lines = []
        variables: list[str] = []
        for alias, (id, name) in container.links.items():
            other = self._roster.find(id)
            if other is None or not other.state.running:
                where = f"/{other.name if other else name} AS /{container.name}/{alias}"
                raise ServerError(f"Cannot link to a non running container: {where}")
            if address := _address(other):
                lines.append((address, _names(alias, other)))
                variables += _variables(container, alias, other, address)
        container.linked = variables
        return lines

    def moved(self, other: Container) -> None:
        """Tell those that are linked to it, and run, its new address."""
        address = _address(other)
        for container in self._roster:
            aliases = [alias for alias, (id, _) in container.links.items() if id == other.id]
            if not address or not aliases or not container.state.running:
                continue
            for alias in aliases:
                names = " ".join(_names(alias, other))
                hostsfile.replace(container.directory / "hosts", names, address)
            self._renew_variables(container)

    def _renew_variables(self, container: Container) -> None:
        found = []
        for alias, (id, _) in container.links.items():
            other = self._roster.find(id)
            if other is not None and (address := _address(other)):
                found += _variables(container, alias, other, address)
        container.linked = found
        container.save()

    def shown(self, container: Container) -> list[str] | None:
        """HostConfig.Links of inspect."""
        found = []
        for alias, (id, name) in container.links.items():
            other = self._roster.find(id)
            found.append(f"/{other.name if other else name}:/{container.name}/{alias}")
        return found or None

    def names(self) -> dict[str, list[str]]:
        """More names that containers have by being linked, by id."""
        found: dict[str, list[str]] = {}
        for container in self._roster:
            for alias, (id, _) in container.links.items():
                found.setdefault(id, []).append(f"/{container.name}/{alias}")
        return found


def _address(container: Container) -> str:
    networks: Data = container.network.get("Networks") or {}
    return str((networks.get("bridge") or {}).get("IPAddress") or "")


def _names(alias: str, other: Container) -> list[str]:
    return list(dict.fromkeys((alias, other.hostname, other.name)))


def _variables(container: Container, alias: str, other: Container, address: str) -> list[str]:
    prefix = alias.replace("-", "_").upper()
    ports = sorted(map(check_port, other.config.get("ExposedPorts") or ()))
    found = [f"{prefix}_PORT={kind}://{address}:{port}" for port, kind in ports[:1]]
    for port, kind in ports:
        name = f"{prefix}_PORT_{port}_{kind.upper()}"
        found.append(f"{name}={kind}://{address}:{port}")
        parts = (("ADDR", address), ("PORT", port), ("PROTO", kind))
        found += [f"{name}_{part}={value}" for part, value in parts]
    found.append(f"{prefix}_NAME=/{container.name}/{alias}")
    for entry in other.config["Env"] or ():
        name, equals, value = entry.partition("=")
        if equals and name not in _OWN:
            found.append(f"{prefix}_ENV_{name}={value}")
    return found
