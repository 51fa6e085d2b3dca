"""The keeper's conversation. Its server runs in a thread here, in the machine's own network."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.engine.net.kernel import keeper as keepers
from dockerlab.engine.net.kernel import keeperserver
from dockerlab.engine.net.kernel.forwarding import Forwarding
from dockerlab.engine.net.kernel.keeper import Keeper


class Recorded(Forwarding):
    """Says what would be done in the keeper's namespace."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def fence(self, bridge: str, subnet: str, let_out: bool) -> None:
        self.done.append(("fence", bridge, subnet, let_out))

    def forget(self, bridge: str) -> None:
        self.done.append(("forget", bridge))

    def open(self, address: str, gateway: str) -> None:
        self.done.append(("open", address, gateway))

    def close(self) -> None:
        self.done.append(("close",))


@pytest.fixture
def forwarding() -> Recorded:
    return Recorded()


@pytest.fixture
def client(tmp_path: Path, forwarding: Recorded) -> Iterator[Keeper]:
    folder = tmp_path / ("long" * 40)  # a path that does not fit a socket's name
    folder.mkdir()
    path = str(folder / "keeper.sock")
    server = keeperserver.Server(path, keepers.bind(path), forwarding)
    thread = threading.Thread(target=server.run)
    thread.start()
    client = Keeper(path, timeout=5)
    yield client
    client.stop()
    server._going = False
    thread.join(60)
    assert not thread.is_alive()


def test_only_the_owner_may_talk_to_it(client: Keeper) -> None:
    assert stat.S_IMODE(os.stat(client.path).st_mode) == 0o600


def test_sockets_can_be_connected_by_whoever_gets_them(client: Keeper) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with client.connect("127.0.0.1", port) as ours:
            theirs, _ = server.accept()
            theirs.send(b"hello")
            theirs.close()
            assert ours.recv(10) == b"hello"


def test_many_sockets_come_in_one_answer(client: Keeper) -> None:
    made = client.sockets("tcp", 40)
    assert len({sock.fileno() for sock in made}) == 40
    assert all(not os.get_inheritable(sock.fileno()) for sock in made)
    for sock in made:
        sock.close()


def test_udp_sockets(client: Keeper) -> None:
    (sock,) = client.sockets("udp")
    assert sock.type == socket.SOCK_DGRAM
    sock.close()


def test_a_refused_connection_is_the_callers(client: Keeper) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        client.connect("127.0.0.1", port)
    assert client.alive()


def test_namespaces_are_handed_out(client: Keeper) -> None:
    found = client.namespaces()
    assert set(found) == {"user", "mnt", "net"}
    for name, fd in found.items():
        assert os.fstat(fd).st_ino == os.stat(f"/proc/self/ns/{name}").st_ino
        os.close(fd)


@pytest.mark.parametrize(
    "request_", [{"do": "dance"}, {"do": "bridge"}, {"do": "sockets", "proto": "sctp"}, []]
)
def test_nonsense_is_refused_and_survived(client: Keeper, request_: object) -> None:
    with pytest.raises(OSError, match="bad request") as caught:
        client._ask(request_)  # type: ignore[arg-type]
    assert caught.value.errno == errno.EINVAL
    assert client.alive()


def test_an_error_of_the_kernel_keeps_its_number(client: Keeper) -> None:
    with pytest.raises(OSError, match="no network card nosuch0") as caught:
        client.veth("nosuch0", "dltest0", "02:42:ac:11:00:02", "172.17.0.2/16", 0)
    assert caught.value.errno == errno.ENODEV


def test_unlinking_what_is_not_there_is_fine(client: Keeper) -> None:
    client.unlink("nosuch0")


def test_a_network_is_fenced_until_its_bridge_goes(client: Keeper, forwarding: Recorded) -> None:
    client.fence("nosuch0", "172.30.0.0/16", let_out=True)
    client.fence("nosuch1", "172.31.0.0/16", let_out=False)
    client.unlink("nosuch0")
    assert forwarding.done == [
        ("fence", "nosuch0", "172.30.0.0/16", True),
        ("fence", "nosuch1", "172.31.0.0/16", False),
        ("forget", "nosuch0"),
    ]


@contextlib.contextmanager
def uplink(client: Keeper) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends with its input, as the uplink does with its life line."""
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(["cat"], stdin=theirs.fileno())
    pidfd = os.pidfd_open(process.pid)
    client.open_uplink("169.254.187.100", "169.254.187.2", ours.fileno(), pidfd)
    for each in (ours, theirs):
        each.close()
    os.close(pidfd)
    yield process
    process.kill()
    process.wait()


def test_an_uplink_that_dies_is_noticed(client: Keeper, forwarding: Recorded) -> None:
    assert not client.has_uplink()
    with uplink(client) as process:
        assert client.has_uplink()
        process.kill()
        process.wait()
        end = time.monotonic() + 60
        while client.has_uplink():
            assert time.monotonic() < end
        assert forwarding.done == [("open", "169.254.187.100", "169.254.187.2"), ("close",)]


def test_an_uplink_ends_with_the_keeper(client: Keeper, forwarding: Recorded) -> None:
    with uplink(client) as process:
        client.stop()
        assert process.poll() == 0
    assert forwarding.done[-1] == ("close",)


def test_an_uplink_that_will_not_end_is_made_to(
    client: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeperserver, "_LAST_MOMENTS", 50)
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(["sleep", "60"])
    pidfd = os.pidfd_open(process.pid)
    client.open_uplink("169.254.187.100", "169.254.187.2", ours.fileno(), pidfd)
    client.stop()
    assert process.wait(60) == -signal.SIGKILL
    for each in (ours, theirs):
        each.close()
    os.close(pidfd)


def test_garbage_and_hanging_up_do_not_hurt(client: Keeper) -> None:
    raw = keepers._open(client.path, 5)
    raw.send(b"\xff not json")
    assert "bad request" in json.loads(raw.recv(4096))["error"]
    raw.close()
    assert client.alive()


def test_the_client_connects_again(client: Keeper) -> None:
    assert client.alive()
    assert client._sock is not None
    client._sock.shutdown(socket.SHUT_RDWR)
    assert client.alive()


def test_two_clients_do_not_mix(client: Keeper) -> None:
    other = Keeper(client.path)
    assert client.alive()
    made = other.sockets("tcp", 3)
    assert client.alive()
    assert len(made) == 3
    for sock in made:
        sock.close()
    other.close()


def test_stop_removes_the_socket_and_may_be_repeated(client: Keeper) -> None:
    client.stop()
    assert not os.path.exists(client.path)
    client.stop()
    assert not client.alive()


def test_without_a_keeper(tmp_path: Path) -> None:
    client = Keeper(str(tmp_path / "keeper.sock"))
    assert not client.alive()
    with pytest.raises(ConnectionRefusedError, match="start it again"):
        client.sockets()
    client.stop()


def test_a_dead_keepers_socket_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "keeper.sock")
    keepers.bind(path).close()
    assert not Keeper(path).alive()
    keepers.bind(path).close()


def test_the_command_needs_no_site_packages() -> None:
    command = keepers.command("/x/keeper.sock", 3, 4)
    assert command[1:3] == ["-I", "-S"]
    assert command[-3:] == ["/x/keeper.sock", "3", "4"]


def test_a_keeper_whose_folder_is_gone_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeperserver, "_LOOK_AROUND", 20)
    path = str(tmp_path / "keeper.sock")
    server = keeperserver.Server(path, keepers.bind(path), Recorded())
    thread = threading.Thread(target=server.run)
    thread.start()
    os.unlink(path)
    thread.join(60)
    assert not thread.is_alive()
