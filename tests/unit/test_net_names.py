"""The files hosts, resolv.conf and hostname, compared with what Docker Engine 20.10 wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.net.names import files as namefiles
from dockerlab.engine.net.names.files import (
    Names,
    hosts,
    parse_extra_host,
    resolv_conf,
    with_resolver,
)

STANDARD = """\
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""


def test_hosts_of_a_container_with_all_options() -> None:
    names = Names("web.example.org", extra_hosts=("foo:1.2.3.4", "gw:host-gateway"))
    text = hosts(names, ["172.17.0.2"], gateway="172.17.0.1")
    assert text == STANDARD + ("1.2.3.4\tfoo\n172.17.0.1\tgw\n172.17.0.2\tweb.example.org web\n")


def test_hosts_of_a_plain_container_and_of_one_without_network() -> None:
    assert hosts(Names("a9dc76234682"), ["172.17.0.3"]) == STANDARD + "172.17.0.3\ta9dc76234682\n"
    assert hosts(Names("a9dc76234682"), []) == STANDARD


def test_hosts_with_a_domain_and_links() -> None:
    text = hosts(Names("web", "example.org"), ["172.17.0.3"], others=[("172.17.0.2", ["db", "x"])])
    assert text == STANDARD + "172.17.0.2\tdb x\n172.17.0.3\tweb.example.org web\n"


@pytest.mark.parametrize("entry", ["foo", ":1.2.3.4", "a b:1.2.3.4", "foo:1.2.3", "x:1.1.1.1\ny"])
def test_bad_extra_hosts_are_refused(entry: str) -> None:
    with pytest.raises(BadParameter, match="add-host"):
        parse_extra_host(entry)


def test_extra_hosts_with_ipv6_and_without_gateway() -> None:
    assert parse_extra_host("six:::1") == ("six", "::1")
    with pytest.raises(BadParameter, match="host-gateway"):
        parse_extra_host("gw:host-gateway")


def test_resolv_conf_is_the_hosts_without_loopback_servers() -> None:
    host = "# mine\nsearch lan\nnameserver 127.0.0.53\nnameserver 10.0.0.53\noptions edns0\n"
    assert resolv_conf(Names("c"), host) == "search lan\nnameserver 10.0.0.53\noptions edns0\n"
    kept = resolv_conf(Names("c"), host, keep_loopback=True)
    assert "nameserver 127.0.0.53\n" in kept


@pytest.mark.parametrize("host", ["", "nameserver 127.0.0.1\n", "nameserver ::1\nnonsense\n"])
def test_public_servers_stand_in_for_none(host: str) -> None:
    assert resolv_conf(Names("c"), host) == "nameserver 8.8.8.8\nnameserver 8.8.4.4\n"


def test_what_was_asked_for_replaces_the_hosts() -> None:
    names = Names("c", dns=("9.9.9.9",), dns_search=("a.b",), dns_options=("ndots:2",))
    text = resolv_conf(names, "search lan\nnameserver 10.0.0.53\n")
    assert text == "search a.b\nnameserver 9.9.9.9\noptions ndots:2\n"


def test_a_dot_takes_the_search_list_away() -> None:
    text = resolv_conf(Names("c", dns_search=(".",)), "search lan\nnameserver 10.0.0.53\n")
    assert text == "nameserver 10.0.0.53\n"


def test_files_are_rewritten_in_place(tmp_path: Path) -> None:
    namefiles.write(tmp_path, Names("web", "example.org"), ["172.17.0.2"])
    inode = (tmp_path / "hosts").stat().st_ino
    namefiles.write(tmp_path, Names("web", "example.org"), ["172.17.0.3"])
    assert (tmp_path / "hosts").stat().st_ino == inode
    assert (tmp_path / "hosts").read_text().endswith("172.17.0.3\tweb.example.org web\n")
    assert (tmp_path / "hostname").read_text() == "web.example.org\n"
    assert "nameserver" in (tmp_path / "resolv.conf").read_text()


def test_on_the_hosts_network_the_hosts_files_are_used(tmp_path: Path) -> None:
    namefiles.write_like_host(tmp_path, Names("vm"))
    assert (tmp_path / "hosts").read_text() == Path("/etc/hosts").read_text()
    namefiles.write_like_host(tmp_path, Names("vm", extra_hosts=("x:1.1.1.1",)))
    assert (tmp_path / "hosts").read_text() == STANDARD + "1.1.1.1\tx\n"


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("nameserver 10.0.0.53\n", "nameserver 127.0.0.11\noptions ndots:0\n"),
        (
            "search a.b c\nnameserver 10.0.0.53\nnameserver fe80::1\noptions timeout:3\n",
            "search a.b c\nnameserver 127.0.0.11\noptions timeout:3 ndots:0\n",
        ),
        (
            "nameserver 10.0.0.53\noptions ndots:5 edns0\n",
            "nameserver 127.0.0.11\noptions ndots:5 edns0\n",
        ),
    ],
)
def test_resolv_conf_in_a_network_with_names(plain: str, expected: str) -> None:
    assert with_resolver(plain) == expected


def test_a_container_gets_a_name_server_while_it_runs(tmp_path: Path) -> None:
    namefiles.write(tmp_path, Names("web", dns=("192.0.2.1",)), ["172.17.0.2"])
    assert not namefiles.asks_resolver(tmp_path)
    file = tmp_path / "resolv.conf"
    inode = file.stat().st_ino
    namefiles.add_resolver(tmp_path)
    assert namefiles.asks_resolver(tmp_path)
    assert file.stat().st_ino == inode
    with file.open("a") as text:
        text.write("# mine\n")
    namefiles.add_resolver(tmp_path)
    assert file.read_text().endswith("# mine\n")
    namefiles.write(tmp_path, Names("web", dns=("192.0.2.1",)), ["172.17.0.2"], resolver=True)
    assert "192.0.2.1" not in file.read_text()
    assert not namefiles.asks_resolver(tmp_path / "nowhere")


def test_whom_the_name_server_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namefiles, "host_resolv_conf", lambda: "nameserver 127.0.0.1\n")
    assert namefiles.outside_servers(["9.9.9.9"]) == ["9.9.9.9"]
    assert namefiles.outside_servers([]) == ["127.0.0.1"]  # the host itself can ask there
    monkeypatch.setattr(namefiles, "host_resolv_conf", lambda: "")
    assert namefiles.outside_servers([]) == ["8.8.8.8", "8.8.4.4"]
