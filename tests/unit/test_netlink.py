"""Packing and reading of rtnetlink messages; listing needs no privilege, changing does."""

from __future__ import annotations

import errno
import os

import pytest

from dockerlab.engine.net.kernel import netlink


def test_the_loopback_card_is_listed() -> None:
    names = {link.name: link for link in netlink.links()}
    assert names["lo"].index == 1


def test_attributes_are_padded_and_read_back() -> None:
    data = netlink._text(3, "eth0") + netlink._attr(1, b"\x02\x42\xac\x11\x00\x02")
    assert len(data) % 4 == 0
    assert list(netlink._read_attributes(data)) == [(3, b"eth0\0"), (1, b"\x02B\xac\x11\x00\x02")]


@pytest.mark.parametrize("data", [b"\0\0\0\0", b"\x01\0", b"\x03\0\x01\0"])
def test_broken_attributes_end_the_reading(data: bytes) -> None:
    assert list(netlink._read_attributes(data)) == []


@pytest.mark.parametrize("cidr", ["172.17.0.2", "172.17.0.2/33", "172.17.0.2/x", "172.17.0.2/-1"])
def test_an_address_needs_a_prefix_length(cidr: str) -> None:
    with pytest.raises(ValueError, match="prefix length"):
        netlink._split(cidr)


@pytest.mark.parametrize("mac", ["02:42:ac:11:00", "zz:42:ac:11:00:02", ""])
def test_a_mac_address_has_six_bytes(mac: str) -> None:
    with pytest.raises(ValueError, match="MAC|hexadecimal"):
        netlink._mac(mac)


def test_an_unknown_card_is_named() -> None:
    with pytest.raises(OSError, match="no network card nosuch0") as caught:
        netlink.link_up("nosuch0")
    assert caught.value.errno == errno.ENODEV


@pytest.mark.skipif(os.geteuid() == 0, reason="root is allowed to")
def test_without_privilege_the_error_says_what_was_tried() -> None:
    with pytest.raises(PermissionError, match="create bridge dltest0"):
        netlink.create_bridge("dltest0", "02:42:00:00:00:01")
