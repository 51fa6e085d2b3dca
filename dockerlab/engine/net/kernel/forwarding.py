"""Who may send where, in the network namespace that all bridges are in.

The networks are kept apart by routing alone, no firewall is needed: a packet that comes in from a
network's bridge is routed by a table of ours, in which every network is a black hole and the only
way is out to the world, by the uplink. What comes from an internal network, or claims to be from
somewhere else, finds no table at all. Until there is an uplink nothing is forwarded anyway. To
this namespace itself a network's packets do get, as to Docker's host, if their source is in that
network: with a forged one the answers would go to somebody in another.

Part of the keeper: keep the imports light.
"""

from __future__ import annotations

import contextlib
import errno
import os

from dockerlab.engine.net.kernel import netlink

CARD = "tap0"
"""The uplink's card."""

_OUT = 100
"""The table for what comes from a network."""
_LOCAL, _BACK, _NETWORK, _REST = 10, 11, 12, 1000
"""Priorities of our rules. Before them is the kernel's own for addresses of this namespace."""
_ALL_SOURCES = "conf/all/rp_filter"
"""What this and a card's own setting say, the larger one counts; 1 is the strict one of 0 to 2."""


class Forwarding:
    """Begins without forwarding, and with the rules in place."""

    def __init__(self) -> None:
        self._let_out: dict[str, str] = {}
        self._fenced: dict[str, str] = {}
        self._problem: OSError | None = None
        _write("ip_forward", "0")
        try:
            netlink.add_rule(_LOCAL, netlink.MAIN, "lo")
            netlink.add_rule(_BACK, netlink.MAIN, CARD)
            netlink.add_rule(_REST)
        except OSError as error:  # a kernel without policy routing
            self._problem = error

    def fence(self, bridge: str, subnet: str, let_out: bool) -> None:
        """Keep other networks away from this one; with ``let_out`` it may use the uplink."""
        if self._problem is None and bridge not in self._fenced:
            netlink.add_black_hole(_OUT, subnet)
            self._fenced[bridge] = subnet
            _refuse_forged(bridge)
            if let_out:
                netlink.add_rule(_NETWORK, _OUT, bridge, subnet)
                self._let_out[bridge] = subnet

    def forget(self, bridge: str) -> None:
        """The bridge is gone; fine if it was not known."""
        if subnet := self._let_out.pop(bridge, ""):
            with contextlib.suppress(OSError):
                netlink.delete_rule(_NETWORK, _OUT, bridge, subnet)
        if subnet := self._fenced.pop(bridge, ""):
            with contextlib.suppress(OSError):
                netlink.delete_black_hole(_OUT, subnet)

    def open(self, address: str, gateway: str) -> None:
        """The uplink's card is there: forward to ``gateway``. Closed again by ``close``.

        The far end does not know our networks. It asks by ARP for the addresses in them, and
        this end answers for them (proxy ARP), so no address has to be translated.
        """
        if self._problem is not None:
            text = f"this kernel has no policy routing ({self._problem.strerror})"
            raise OSError(errno.EOPNOTSUPP, text)
        netlink.add_address(CARD, f"{address}/32")
        netlink.link_up(CARD)
        _write(_ALL_SOURCES, "0")
        _write(f"conf/{CARD}/rp_filter", "0")
        _write(f"conf/{CARD}/proxy_arp", "1")
        _write(f"neigh/{CARD}/proxy_delay", "0")
        netlink.add_way_out(_OUT, gateway, CARD)
        _write("ip_forward", "1")

    def close(self) -> None:
        """Forward nothing (any more). The card and its routes go with the process that made it."""
        _write("ip_forward", "0")


def _refuse_forged(bridge: str) -> None:
    """Take from a network what has a source in it. Where settings are read-only it goes without."""
    with contextlib.suppress(OSError):
        _write(_ALL_SOURCES, "0")
        _write(f"conf/{bridge}/rp_filter", "1")


def _write(name: str, value: str) -> None:
    """Set one of the namespace's settings; as it is read first, a read-only /proc may do."""
    path = f"/proc/sys/net/ipv4/{name}"
    try:
        with open(path) as file:
            if file.read().strip() == value:
                return
        with open(path, "w") as file:
            file.write(value)
    except OSError as error:
        text = f"net.ipv4.{name.replace('/', '.')} cannot be set: {os.strerror(error.errno or 0)}"
        raise OSError(error.errno, text) from None
