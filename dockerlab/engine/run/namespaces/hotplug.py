"""Network cards of a container that runs already: put in, configured, taken out.

What a thread does with network cards it does in its own network namespace, so this is done in a
thread of its own that joins the container's and ends there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.run import kernel
from dockerlab.engine.run.process import Interface


def plug(keeper_path: str, pid: int, card: Interface, gateway: str) -> None:
    """Give the container one more card, and its default route. Raises OSError.

    Blocks for a few milliseconds. ``gateway`` is where the route leads now; empty: nowhere.
    """
    netns = _namespace(pid)
    keeper = Keeper(keeper_path)
    try:
        name = f"veth{os.urandom(4).hex()}"
        keeper.veth(card.bridge, name, card.mac, card.address, netns, card.name)
        try:
            _inside(netns, lambda: _set_up(card, gateway))
        except BaseException:
            keeper.unlink(name)
            raise
    finally:
        keeper.close()
        os.close(netns)


def unplug(pid: int, name: str, gateway: str) -> None:
    """Take the card of this name away; that it has none is fine."""
    netns = _namespace(pid)
    try:
        _inside(netns, lambda: _take_out(name, gateway))
    finally:
        os.close(netns)


def _namespace(pid: int) -> int:
    """The network namespace of a container's process, whose id may have become somebody else's."""
    netns = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    if os.path.samestat(os.fstat(netns), os.stat("/proc/self/ns/net")):  # never the host's
        os.close(netns)
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    return netns


def _inside(netns: int, work: Callable[[], None]) -> None:
    def joined() -> None:
        kernel.setns(netns, kernel.CLONE_NEWNET)
        work()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(joined).result()


def _set_up(card: Interface, gateway: str) -> None:
    netlink.add_address(card.name, card.address)
    netlink.link_up(card.name)
    if gateway:
        netlink.set_route(gateway)


def _take_out(name: str, gateway: str) -> None:
    if any(link.name == name for link in netlink.links()):
        netlink.delete_link(name)
    if gateway:
        netlink.set_route(gateway)
