"""The name server of a container and its way to servers outside, on sockets of the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlab.engine.net import loopback
from dockerlab.engine.net.dns import forwarder, message
from dockerlab.engine.net.dns import server as servers
from dockerlab.engine.net.dns.forwarder import Forwarder
from dockerlab.engine.net.dns.server import Resolvers
from dockerlab.engine.net.dns.ways import Ways, plain
from dockerlab.engine.net.relay import Source

MANY = [f"172.18.1.{n}" for n in range(1, 101)]
CROWD = [f"10.0.{n // 250}.{n % 250}" for n in range(4000)]


class Directory:
    """Who is called what."""

    outside = True
    near = ""

    def lookup(self, container_id: str, name: str) -> list[str]:
        known = {"web": ["172.18.0.2"], "many": MANY, "crowd": CROWD}
        return known.get(name.lower(), [])

    def reverse(self, container_id: str, address: str) -> str:
        return {"172.18.0.2": "web.net", "172.18.0.3": "x" * 64}.get(address, "")

    def behind(self, container_id: str, address: str) -> str:
        return "127.3.4.5" if address in self.near else ""

    def reaches_outside(self, container_id: str) -> bool:
        return self.outside


class Holder:
    """Has the sockets, as a shim does."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolver(self) -> list[socket.socket]:
        self.asked += 1
        while True:  # until a port is free for both
            udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
            udp.bind(("127.0.0.1", 0))
            self.where = udp.getsockname()
            with contextlib.suppress(OSError):
                tcp.bind(self.where)
                tcp.listen()
                return [udp, tcp]
            udp.close()
            tcp.close()


class Upstream:
    """A name server outside: ``answers`` turns a message into answers, each sent as it is."""

    def __init__(self, answers: Callable[[bytes], list[bytes]], tcp: bytes = b"") -> None:
        self.answers = answers
        self.tcp = tcp
        self.seen: list[bytes] = []

    def datagram_received(self, data: bytes, source: Any) -> None:
        self.seen.append(data)
        for answer in self.answers(data):
            self.transport.sendto(answer, source)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None: ...
    def error_received(self, error: Exception) -> None: ...

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        asked = await reader.readexactly(length)
        answer = asked[:2] + self.tcp
        writer.write(struct.pack("!H", len(answer)) + answer)
        writer.close()


def query(name: str, kind: int = 1, id: int = 0x1234, category: int = 1) -> bytes:
    head = struct.pack("!6H", id, 0x100, 1, 0, 0, 0)
    return head + message.write_name(name) + struct.pack("!HH", kind, category)


def answered(data: bytes, code: int = 0, flags: int = 0x8180) -> bytes:
    """What a server may answer: the question again, and no records."""
    return data[:2] + struct.pack("!5H", flags | code, 1, 0, 0, 0) + data[12:]


def summary(answer: bytes) -> tuple[int, int]:
    """Code and number of records."""
    return message.code(answer), struct.unpack_from("!H", answer, 6)[0]


async def ask(where: Any, data: bytes, seconds: float = 60) -> bytes:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(where)
        await loop.sock_sendall(sock, data)
        async with asyncio.timeout(seconds):
            return await loop.sock_recv(sock, 65535)


async def ask_by_tcp(where: Any, *data: bytes) -> list[bytes]:
    """The answers on one connection."""
    reader, writer = await asyncio.open_connection(*where)
    writer.write(b"".join(struct.pack("!H", len(one)) + one for one in data))
    found = []
    with contextlib.suppress(asyncio.IncompleteReadError):
        async with asyncio.timeout(60):
            for _ in data:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                found.append(await reader.readexactly(length))
    writer.close()
    return found


@contextlib.asynccontextmanager
async def serving(
    directory: Directory, *upstreams: Upstream
) -> AsyncIterator[tuple[Resolvers, Holder]]:
    loop = asyncio.get_running_loop()
    ports: dict[str, int] = {}
    transports: list[Any] = []
    for number, upstream in enumerate(upstreams):
        udp, tcp = await Holder().resolver()
        ports[f"192.0.2.{number + 1}"] = udp.getsockname()[1]
        udp.setblocking(False)
        made = await loop.create_datagram_endpoint(lambda upstream=upstream: upstream, sock=udp)
        transports += [made[0], await asyncio.start_server(upstream.serve, sock=tcp)]

    def way(container_id: str, server: str, port: int, kind: socket.SocketKind) -> Any:
        assert (container_id, port) == ("c", 53)
        return plain("127.0.0.1", ports[server], kind)

    resolvers, holder = Resolvers(directory, Forwarder(way)), Holder()
    await resolvers.serve("c", holder, lambda: list(ports))
    try:
        yield resolvers, holder
    finally:
        resolvers.close()
        for transport in transports:
            transport.close()


def run(scene: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(scene())  # type: ignore[arg-type]


@pytest.fixture
def directory() -> Directory:
    return Directory()


def test_known_names(directory: Directory) -> None:
    async def scene() -> None:
        async with serving(directory) as (_, holder):
            where = holder.where
            answer = await ask(where, query("WEB"))
            assert summary(answer) == (0, 1)
            assert answer.endswith(b"\0\4" + socket.inet_aton("172.18.0.2"))
            assert summary(await ask(where, query("web", 28))) == (0, 0)
            assert summary(await ask(where, query("web", 16))) == (0, 0)
            reverse = await ask(where, query("2.0.18.172.in-addr.arpa", 12))
            assert reverse.endswith(b"\3web\3net\0")
            assert summary(await ask(where, query("web", category=3)))[0] == message.NOTIMP

    run(scene)


def test_by_tcp_there_is_room_for_all(directory: Directory) -> None:
    async def scene() -> None:
        async with serving(directory) as (_, holder):
            cut = await ask(holder.where, query("many"))
            assert message.truncated(cut)
            first, second = await ask_by_tcp(holder.where, query("many"), query("web"))
            assert not message.truncated(first)
            assert summary(first) == (0, 100)
            assert summary(second) == (0, 1)
            assert await ask_by_tcp(holder.where, b"nonsense") == []
            refused = await ask_by_tcp(holder.where, query("web")[:-3])
            assert summary(refused[0]) == (message.FORMERR, 0)

    run(scene)


def test_unknown_names_are_asked_outside_and_known_ones_are_not(directory: Directory) -> None:
    upstream = Upstream(lambda data: [answered(data, message.NXDOMAIN)])

    async def scene() -> None:
        async with serving(directory, upstream) as (_, holder):
            answer = await ask(holder.where, query("example.com"))
            assert answer[:2] == b"\x12\x34"
            assert summary(answer) == (message.NXDOMAIN, 0)
            await ask(holder.where, query("web", 16))
            long = await ask(holder.where, query("3.0.18.172.in-addr.arpa", 12))
            assert summary(long) == (message.NXDOMAIN, 0)

    run(scene)
    assert [message.parse(data).name for data in upstream.seen] == [
        "example.com",
        "3.0.18.172.in-addr.arpa",
    ]


def test_nobody_outside_to_be_asked(directory: Directory) -> None:
    upstream = Upstream(lambda data: [answered(data)])

    async def scene() -> None:
        async with serving(directory) as (_, holder):
            assert summary(await ask(holder.where, query("example.com")))[0] == message.SERVFAIL
        directory.outside = False
        async with serving(directory, upstream) as (_, holder):
            assert summary(await ask(holder.where, query("example.com")))[0] == message.SERVFAIL
            assert summary((await ask_by_tcp(holder.where, query("example.com")))[0]) == (2, 0)

    run(scene)
    assert upstream.seen == []


def test_a_neighbour_may_be_asked_even_in_an_internal_network(directory: Directory) -> None:
    directory.outside, directory.near = False, "192.0.2.2"
    far, near = (Upstream(lambda data: [answered(data, message.NXDOMAIN)]) for _ in range(2))

    async def scene() -> None:
        async with serving(directory, far, near) as (_, holder):
            assert summary(await ask(holder.where, query("x.org")))[0] == message.NXDOMAIN

    run(scene)
    assert (len(far.seen), len(near.seen)) == (0, 1)


def test_ways_to_servers(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "lowest_port", lambda: 1024)
    directory.near = "172.18.0.9"
    ways = Ways(directory, Source(None))
    for server, kind, expected in (
        ("172.18.0.9", socket.SOCK_DGRAM, ("127.3.4.5", 20053)),
        ("172.18.0.9", socket.SOCK_STREAM, ("127.3.4.5", 20053)),
        ("192.0.2.1", socket.SOCK_DGRAM, ("192.0.2.1", 53)),
        ("2001:db8::1", socket.SOCK_STREAM, ("2001:db8::1", 53)),
    ):
        sock, where = ways.to("c", server, 53, kind)
        with sock:
            assert (where[:2], sock.type, sock.getblocking()) == (expected, kind, False)
    with pytest.raises(OSError, match="not known"):
        ways.to("c", "dns.example.org", 53, socket.SOCK_DGRAM)


def test_the_next_server_is_asked_when_one_fails(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarder, "_PATIENCE", 0.2)
    silent = Upstream(lambda data: [])
    failing = Upstream(lambda data: [answered(data, message.SERVFAIL)])
    good = Upstream(lambda data: [answered(data, message.NXDOMAIN)])

    async def scene() -> None:
        async with serving(directory, silent, failing, good) as (_, holder):
            assert summary(await ask(holder.where, query("x.org")))[0] == message.NXDOMAIN
        async with serving(directory, silent) as (_, holder):
            assert summary(await ask(holder.where, query("x.org")))[0] == message.SERVFAIL

    run(scene)


def test_what_is_not_the_answer_is_left_out(directory: Directory) -> None:
    def answers(data: bytes) -> list[bytes]:
        other = struct.pack("!H", message.parse(data).id ^ 1) + data[2:]
        return [b"", b"x", data, answered(other), answered(query("evil.org")), answered(data, 3)]

    async def scene() -> None:
        async with serving(directory, Upstream(answers)) as (_, holder):
            assert summary(await ask(holder.where, query("example.com"))) == (3, 0)

    run(scene)


def test_a_truncated_answer_is_fetched_by_tcp_for_who_asks_by_tcp(directory: Directory) -> None:
    whole = answered(query("long.org"))[2:] + bytes(1000)
    upstream = Upstream(lambda data: [answered(data, flags=0x8380)], whole)

    async def scene() -> None:
        async with serving(directory, upstream) as (_, holder):
            cut = await ask(holder.where, query("long.org"))
            assert message.truncated(cut)
            (found,) = await ask_by_tcp(holder.where, query("long.org"))
            assert found == b"\x12\x34" + whole

    run(scene)


def test_an_answer_larger_than_the_asker_takes_is_cut(directory: Directory) -> None:
    upstream = Upstream(lambda data: [answered(data) + bytes(800)])

    async def scene() -> None:
        async with serving(directory, upstream) as (_, holder):
            cut = await ask(holder.where, query("long.org"))
            assert message.truncated(cut)
            assert len(cut) == len(query("long.org"))

    run(scene)


def test_a_container_may_have_so_many_questions_open(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarder, "_MOST_WAITING", 5)
    monkeypatch.setattr(forwarder, "_PATIENCE", 3)
    silent = Upstream(lambda data: [])

    async def scene() -> None:
        async with serving(directory, silent) as (_, holder):
            questions = [ask(holder.where, query("x.org", id=n)) for n in range(20)]
            loop = asyncio.get_running_loop()
            start = loop.time()
            quick = 0
            for done in asyncio.as_completed(questions):
                assert summary(await done)[0] == message.SERVFAIL
                quick += loop.time() - start < 2.5
            assert quick == 15
            assert summary(await ask(holder.where, query("web"))) == (0, 1)

    run(scene)
    assert len(silent.seen) == 5


def test_others_can_ask_when_a_few_have_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarder, "_MOST_IN_ALL", 10)
    monkeypatch.setattr(forwarder, "_PATIENCE", 0.3)
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))

        async def scene() -> int:
            asked = 0

            def way(container_id: str, server: str, port: int, kind: socket.SocketKind) -> Any:
                nonlocal asked
                asked += container_id == "other"
                return plain("127.0.0.1", silent.getsockname()[1], kind)

            outside, data = Forwarder(way), query("far")
            asking = [
                outside.ask(who, ["192.0.2.1"], message.parse(data), data, whole=False)
                for who in ["greedy"] * 20 + ["other"] * 9
            ]
            await asyncio.gather(*asking)
            return asked

        assert run(scene) == 4


def test_too_many_connections_are_refused_and_do_not_hurt(directory: Directory) -> None:
    async def scene() -> None:
        async with serving(directory) as (_, holder):
            opened = [await asyncio.open_connection(*holder.where) for _ in range(40)]
            await asyncio.sleep(0.1)
            assert summary(await ask(holder.where, query("web"))) == (0, 1)
            for _, writer in opened:
                writer.close()
            await asyncio.sleep(0.1)
            assert len(await ask_by_tcp(holder.where, query("web"))) == 1

    run(scene)


async def _taken(where: tuple[str, int], count: int) -> None:
    """Until the server at this address has so many connections."""
    end = asyncio.get_running_loop().time() + 60
    while (found := sum(_is_end(int(one), where) for one in os.listdir("/proc/self/fd"))) != count:
        assert asyncio.get_running_loop().time() < end, (found, count)
        await asyncio.sleep(0.02)


def _is_end(descriptor: int, where: tuple[str, int]) -> bool:
    """Whether it is the server's end of a connection."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        with socket.socket(fileno=os.dup(descriptor)) as sock:
            return bool(sock.getsockname() == where and sock.getpeername())
    except OSError:  # it listens, or is gone
        return False


def test_connections_of_those_that_read_nothing_end(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds a descriptor of the engine's."""
    monkeypatch.setattr(servers, "_IDLE", 2)
    asked = query("crowd")
    questions = (struct.pack("!H", len(asked)) + asked) * 32

    async def scene() -> None:
        async with serving(directory) as (_, holder):
            lazy = [socket.socket() for _ in range(8)]
            for sock in lazy:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                sock.connect(holder.where)
                sock.sendall(questions)
            await _taken(holder.where, len(lazy))
            await _taken(holder.where, 0)
            for sock in lazy:
                sock.close()

    run(scene)


def test_it_is_asked_for_its_sockets_once_and_lets_go_of_them(directory: Directory) -> None:
    async def scene() -> None:
        async with serving(directory) as (resolvers, holder):
            await resolvers.serve("c", holder, list)
            assert holder.asked == 1
            resolvers.forget("c")
            resolvers.forget("c")
            with pytest.raises((OSError, TimeoutError)):
                await ask(holder.where, query("web"), 0.3)
            await resolvers.serve("c", holder, list)
            assert summary(await ask(holder.where, query("web"))) == (0, 1)

    run(scene)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_hostile_bytes_do_no_harm(packets: list[bytes]) -> None:
    async def scene() -> None:
        async with serving(Directory()) as (_, holder):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)
                for packet in packets:
                    sock.sendto(packet, holder.where)
                answer = await ask(holder.where, query("web"))
                assert summary(answer) == (0, 1)
                got = 0
                with contextlib.suppress(BlockingIOError):
                    while True:
                        got += len(sock.recv(65535))
                assert got <= sum(map(len, packets))
            reader, writer = await asyncio.open_connection(*holder.where)
            writer.write(b"".join(packets))
            writer.write_eof()
            async with asyncio.timeout(60):
                await reader.read()
            writer.close()

    run(scene)
