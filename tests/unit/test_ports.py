"""Published ports without a keeper: the "container" is a server on this machine's loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import pytest

from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.net import relay
from dockerlab.engine.net.ports import Ports, parse_host_ports, parse_port

HOME = "127.0.0.1"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(body: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(30):
            await body

    asyncio.run(limited())


@contextlib.asynccontextmanager
async def published(handler: Handler) -> AsyncIterator[tuple[Ports, int]]:
    """A server, and the port of the host under which it is published."""
    server = await asyncio.start_server(handler, HOME, 0)
    inside = server.sockets[0].getsockname()[1]
    ports = Ports(None)
    try:
        row = (await ports.publish("c1", {f"{inside}/tcp": [{}]}, HOME))[f"{inside}/tcp"][0]
        assert row["HostIp"] == HOME
        yield ports, int(row["HostPort"])
    finally:
        ports.close()
        server.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write(b"the end")
    writer.close()


async def binding(ports: Ports, id: str, **wanted: str) -> dict[str, str]:
    row = {"HostIp": wanted.get("ip", ""), "HostPort": wanted.get("port", "")}
    spec = wanted.get("inside", "80/tcp")
    return (await ports.publish(id, {spec: [row]}, HOME, name=id, endpoint_id="e1"))[spec][0]


def test_bytes_go_both_ways_and_half_close_works() -> None:
    async def body() -> None:
        async with published(echo) as (_, port):
            reader, writer = await asyncio.open_connection(HOME, port)
            writer.write(b"hello ")
            writer.write_eof()
            assert await reader.read() == b"hello the end"
            writer.close()

    run(body())


def test_a_server_that_ends_first_is_still_sent_to() -> None:
    got = asyncio.Event()

    async def speak_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.write_eof()
        assert await reader.read() == b"thanks"
        got.set()
        writer.close()

    async def body() -> None:
        async with published(speak_first) as (_, port):
            reader, writer = await asyncio.open_connection(HOME, port)
            assert await reader.read() == b"bye"
            writer.write(b"thanks")
            writer.write_eof()
            await got.wait()
            writer.close()

    run(body())


def test_a_lot_of_data_arrives_whole() -> None:
    size = 64 << 20

    async def body() -> None:
        async with published(echo) as (_, port):
            reader, writer = await asyncio.open_connection(HOME, port, limit=1 << 20)

            async def send() -> None:
                for _ in range(size >> 20):
                    writer.write(bytes(1 << 20))
                    await writer.drain()
                writer.write_eof()

            sending = asyncio.create_task(send())
            received = 0
            while data := await reader.read(1 << 20):
                received += len(data)
            await sending
            assert received == size + len(b"the end")
            writer.close()

    run(body())


def test_a_slow_reader_does_not_fill_the_memory() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(bytes(1 << 16))
                await writer.drain()
                sent += 1 << 16

    async def body() -> None:
        async with published(pour) as (_, port):
            with socket.socket() as client:
                client.setblocking(False)
                await asyncio.get_running_loop().sock_connect(client, (HOME, port))
                await asyncio.sleep(1)
                before = sent
                await asyncio.sleep(0.5)
                # Only what the kernel's buffers and the relay's small ones hold.
                assert sent == before
                assert sent < 32 << 20

    run(body())


def test_many_connections_at_once() -> None:
    async def one(port: int, number: int) -> None:
        reader, writer = await asyncio.open_connection(HOME, port)
        writer.write(b"%d " % number)
        writer.write_eof()
        assert await reader.read() == b"%d the end" % number
        writer.close()

    async def body() -> None:
        async with published(echo) as (_, port):
            for _ in range(3):
                await asyncio.gather(*(one(port, number) for number in range(60)))

    run(body())


def test_no_end_waits_for_an_acknowledgement(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[relay._End] = []
    join = relay._End.join
    monkeypatch.setattr(
        relay._End, "join", lambda front, back: (ends.extend((front, back)), join(front, back))
    )

    async def body() -> None:
        async with published(echo) as (_, port):
            reader, writer = await asyncio.open_connection(HOME, port)
            writer.write(b"hi")
            assert await reader.readexactly(2) == b"hi"
            for end in ends:
                sock = end.transport.get_extra_info("socket")
                assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()

    run(body())
    assert len(ends) == 2


def test_a_refused_connection_is_reset() -> None:
    async def body() -> None:
        ports = Ports(None)
        with socket.socket() as unused:
            unused.bind((HOME, 0))
            inside = unused.getsockname()[1]
        row = await binding(ports, "c1", inside=f"{inside}/tcp")
        reader, writer = await asyncio.open_connection(HOME, int(row["HostPort"]))
        writer.write(b"anyone?")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        ports.close()

    run(body())


def test_unpublishing_closes_the_port_and_its_connections() -> None:
    async def body() -> None:
        async with published(echo) as (ports, port):
            reader, writer = await asyncio.open_connection(HOME, port)
            writer.write(b"x")
            await reader.readexactly(1)
            ports.unpublish("c1")
            ports.unpublish("c1")
            with pytest.raises(ConnectionResetError):
                await reader.read()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(HOME, port)

    run(body())


def test_a_taken_port_in_dockers_words() -> None:
    async def body() -> None:
        ports = Ports(None)
        port = (await binding(ports, "c1"))["HostPort"]
        what = "driver failed programming external connectivity on endpoint c2 (e1): "
        for ip in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(ServerError) as caught:
                await binding(ports, "c2", ip=ip, port=port)
            reason = f"Bind for {ip}:{port} failed: port is already allocated"
            assert caught.value.message == what + reason
        assert (await binding(ports, "c2", ip="127.0.0.2", port=port))["HostIp"] == "127.0.0.2"
        ports.close()

    run(body())


def test_a_port_that_a_stranger_has() -> None:
    async def body() -> None:
        with socket.create_server((HOME, 0)) as stranger:
            port = stranger.getsockname()[1]
            with pytest.raises(ServerError, match=f"listen tcp4 {HOME}:{port}: bind: address al"):
                await binding(Ports(None), "c1", port=str(port))

    run(body())


def test_an_address_that_is_not_ours() -> None:
    async def body() -> None:
        with pytest.raises(ServerError, match="bind: cannot assign requested address"):
            await binding(Ports(None), "c1", ip="192.0.2.1", port="0")

    run(body())


def test_a_host_address_is_no_name() -> None:
    async def body() -> None:
        for ip in ("localhost", "1.2.3", "x"):
            with pytest.raises(BadParameter, match=f"invalid IP address: {ip}"):
                await binding(Ports(None), "c1", ip=ip)

    run(body())


def test_all_or_nothing() -> None:
    async def body() -> None:
        ports = Ports(None)
        with socket.create_server((HOME, 0)) as stranger, socket.socket() as probe:
            probe.bind((HOME, 0))
            free, taken = probe.getsockname()[1], stranger.getsockname()[1]
            probe.close()
            bindings = {
                "80/tcp": [{"HostIp": "", "HostPort": str(free)}],
                "81/tcp": [{"HostIp": "", "HostPort": str(taken)}],
            }
            with pytest.raises(ServerError):
                await ports.publish("c1", bindings, HOME)
            socket.create_server((HOME, free)).close()

    run(body())


def test_a_range_gives_its_first_free_port() -> None:
    async def body() -> None:
        ports = Ports(None)
        with socket.create_server((HOME, 0)) as stranger:
            first = stranger.getsockname()[1]
            span = f"{first}-{min(first + 20, 65535)}"
            assert int((await binding(ports, "c1", port=span))["HostPort"]) > first
            with pytest.raises(
                ServerError, match=r"address already in use|all ports are allocated"
            ):
                await binding(ports, "c2", port=f"{first}-{first}")
        ports.close()

    run(body())


def test_the_same_number_for_tcp_and_udp() -> None:
    async def body() -> None:
        ports = Ports(None)
        port = (await binding(ports, "c1"))["HostPort"]
        both = await binding(ports, "c2", port=port, inside="53/udp")
        assert both["HostPort"] == port
        ports.close()

    run(body())


class Upper(asyncio.DatagramProtocol):
    """A UDP server that answers in capitals."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.transport.sendto(data.upper(), address)  # type: ignore[attr-defined]


def test_datagrams_find_their_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_UDP_MOST", 2)

    async def body() -> None:
        loop = asyncio.get_running_loop()
        server, _ = await loop.create_datagram_endpoint(Upper, (HOME, 0))
        inside = server.get_extra_info("sockname")[1]
        ports = Ports(None)
        row = await binding(ports, "c1", inside=f"{inside}/udp")
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
        for number, client in enumerate(clients):
            client.setblocking(False)
            client.connect((HOME, int(row["HostPort"])))
            client.send(b"hello %d" % number)
            assert await loop.sock_recv(client, 100) == b"HELLO %d" % number
        clients[3].send(b"again")
        assert await loop.sock_recv(clients[3], 100) == b"AGAIN"
        for client in clients:
            client.close()
        ports.close()
        server.close()

    run(body())


def test_a_silent_exchange_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_UDP_IDLE", 0.1)

    async def body() -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind((HOME, 0))
        udp = relay.UDPRelay(listener, relay.Source(None), (HOME, 9))
        await udp.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"x", listener.getsockname())
            await asyncio.sleep(0.02)
            assert len(udp._exchanges) == 1
            await asyncio.sleep(0.3)
            assert not udp._exchanges
        udp.close()

    run(body())


@pytest.mark.parametrize(
    ("text", "port"), [("80", (80, "tcp")), ("80/tcp", (80, "tcp")), ("53/UDP", (53, "udp"))]
)
def test_ports_of_containers(text: str, port: tuple[int, str]) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "http", "0", "65536/tcp", "80/sctp", "-1", "80-81/tcp"])
def test_bad_ports_of_containers(text: str) -> None:
    with pytest.raises(BadParameter):
        parse_port(text)


@pytest.mark.parametrize("text", ["x", "1-x", "9-8", "65536", "-", "-5", "1-2-3"])
def test_bad_ports_of_the_host(text: str) -> None:
    with pytest.raises(BadParameter, match="invalid port specification"):
        parse_host_ports(text)


def test_ports_of_the_host() -> None:
    assert list(parse_host_ports("")) == [0]
    assert list(parse_host_ports("80")) == [80]
    assert list(parse_host_ports("80-82")) == [80, 81, 82]


def test_no_more_files_may_be_open() -> None:
    async def body() -> None:
        ports = Ports(None)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.open("/dev/null", os.O_RDONLY)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
        try:
            with pytest.raises(ServerError, match="too many open files"):
                await binding(ports, "c")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert await binding(ports, "c")
        ports.close()

    run(body())
