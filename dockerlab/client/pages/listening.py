"""What the programs in a container listen to, as the kernel's own table has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from docker.errors import APIError

_LISTEN = "0A"
_SHIFT = range(20001, 21024)
"""With PRoot, ports below 1024 are really 20000 higher."""
_NAME_SERVER = "127.0.0.11"
"""The engine's own, in each container of a network with names: no program of the container's."""


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A TCP port that a program waits at; ``local``: for connections from inside only."""

    port: int
    local: bool = False


def listeners(api: Any, facts: Mapping[str, Any]) -> list[Listener] | None:
    """Those of a running container (``facts`` of inspect); None if the image cannot tell."""
    try:
        command = api.exec_create(facts["Id"], ["cat", "/proc/net/tcp", "/proc/net/tcp6"])
        # tcp6 is missing where IPv6 is off; what came before it counts all the same.
        text = api.exec_start(command["Id"]).decode(errors="replace")
    except APIError:
        return None
    if "local_address" not in text:
        return None
    rows = parse(text)
    if "dockerlab.runtime=proot" in (api.info().get("Labels") or ()):
        networks = (facts["NetworkSettings"].get("Networks") or {}).values()
        own = next((str(net["IPAddress"]) for net in networks if net.get("IPAddress")), "")
        return sorted(set(_of_one_container(rows, own)))
    programs = [(host, port) for host, port in rows if host != _NAME_SERVER]
    return sorted({Listener(port, ip_address(host).is_loopback) for host, port in programs})


def parse(table: str) -> list[tuple[str, int]]:
    """Address and port of each listener in ``/proc/net/tcp`` or ``tcp6``."""
    found = []
    for line in table.splitlines():
        words = line.split()
        if len(words) > 3 and words[3] == _LISTEN:
            host, _, port = words[1].rpartition(":")
            found.append((_address(host), int(port, 16)))
    return found


def _address(text: str) -> str:
    """``0100007F``: words of four bytes, each in the order of the processor."""
    data = bytes.fromhex(text)
    ordered = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    address = ip_address(ordered)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _of_one_container(rows: list[tuple[str, int]], own: str) -> Iterator[Listener]:
    """With PRoot the table is the whole machine's.

    A container has a part of 127.0.0.0/8 there whose last byte is that of its address.
    """
    last = own.rpartition(".")[2]
    for host, port in rows:
        parts = host.split(".")
        if own and parts[0] == "127" and parts[1] != "0" and parts[-1] == last:
            yield Listener(port - 20000 if port in _SHIFT else port)
