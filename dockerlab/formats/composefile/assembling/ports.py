"""The short form of ports, ``IP:HOST:CONTAINER/PROTOCOL`` with ranges, written out."""

from __future__ import annotations

import ipaddress
from typing import Any

MOST_PORTS = 65535


class PortError(ValueError):
    """A short form that cannot be understood; the words are those of Docker."""


def ports(spec: str) -> list[dict[str, Any]]:
    """The long forms that a short one stands for, in order of their texts as Compose has them."""
    *front, inside = spec.split(":")
    address = ":".join(front[:-1])
    outside = front[-1] if front else ""
    number, _, protocol = inside.partition("/")
    protocol = (protocol.split("/")[0] or "tcp").lower()
    if not number:
        raise PortError(f"No port specified: {spec}<empty>")
    first, last = _range(number, f"Invalid containerPort: {number}")
    host_first, host_last = _range(outside, f"Invalid hostPort: {outside}") if outside else (0, 0)
    if outside and last - first != host_last - host_first and first != last:
        raise PortError(
            f"Invalid ranges specified for container and host Ports: {number} and {outside}"
        )
    if protocol not in ("tcp", "udp", "sctp"):
        raise PortError(f"Invalid proto: {protocol}")
    shared = {"mode": "ingress", "protocol": protocol}
    if address := _address(address):
        shared["host_ip"] = address
    found = []
    for target in sorted(range(first, last + 1), key=str):
        port: dict[str, Any] = {**shared, "target": target} if target else dict(shared)
        if outside:
            published = str(host_first + target - first)
            alone = first == last and host_first != host_last
            port["published"] = f"{published}-{host_last}" if alone else published
        found.append(port)
    return found


def _range(text: str, complaint: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if "-" in last:
        last = last.split("-")[0]
    try:
        numbers = _number(first), _number(last if dash else first)
    except ValueError:
        raise PortError(complaint) from None
    if numbers[1] < numbers[0]:
        raise PortError(complaint)
    return numbers


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) <= MOST_PORTS and len(text) < 9):
        raise ValueError(text)
    return int(text)


def _address(text: str) -> str:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in bare and bare == text:
        raise PortError(f"Invalid ip address {text}: address {text}:: too many colons in address")
    if bare:
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            raise PortError(f"Invalid ip address: {bare}") from None
    return bare
