"""The way out of containers to the world, and that it is no way to anywhere else."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import pytest
from docker.client import DockerClient
from docker.models.containers import Container
from docker.models.networks import Network
from engines import Engine, running, wanted

from dockerlab.client.wait import wait_until
from dockerlab.course.prepare import prepare

IMAGE = "alpine"
LINK = ("169.254.187.2", "198.51.100.2", "10.0.2.2")
"""The far end of the embedded engine's link, whichever it took: a host of many names."""


@dataclass
class Server:
    """Says who asks, by TCP and by UDP on the same port."""

    address: str
    port: int = 0

    def __post_init__(self) -> None:
        self._tcp = socket.create_server((self.address, 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((self.address, self.port))
        for loop in (self._serve, self._echo):
            threading.Thread(target=loop, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._tcp.accept()
                with client:
                    client.sendall(b"hello from outside\n")

    def _echo(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, asker = self._udp.recvfrom(1000)
                self._udp.sendto(data.upper(), asker)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        self._udp.close()


def address_of_host() -> str:
    """The address that others see this machine by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("198.51.100.1", 9))
        except OSError:
            return ""
        return str(sock.getsockname()[0])


@pytest.fixture(scope="module")
def outside() -> Iterator[Server]:
    address = address_of_host()
    if not address:
        _lacking("this machine has no address but its loopback's")
    server = Server(address)
    yield server
    server.close()


@pytest.fixture(scope="module")
def secret() -> Iterator[Server]:
    """A service that the host keeps to itself."""
    server = Server("127.0.0.1")
    yield server
    server.close()


def _lacking(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def possible(request: pytest.FixtureRequest) -> None:
    """With an engine that has said that it has no way out, there is nothing to see."""
    if "session_client" in request.fixturenames:
        _check(request.getfixturevalue("session_client"))


def _check(client: DockerClient) -> None:
    for warning in client.info()["Warnings"] or ():
        if "cannot reach the internet" in warning:
            _lacking(warning)


def run(client: DockerClient, script: str, name: str, **options: object) -> str:
    words = ["sh", "-c", script]
    output = client.containers.run(IMAGE, words, name=name, remove=True, **options)
    return bytes(output).decode()


def ask(address: str, port: int, seconds: int = 20) -> str:
    """What a container says to reach something: the answer, or how it ended."""
    return f"nc -w {seconds} {address} {port} </dev/null || echo failed"


@pytest.fixture
def network(client: DockerClient, name: str) -> Iterator[Network]:
    with _network(client, name) as made:
        yield made


@contextlib.contextmanager
def _network(client: DockerClient, name: str, **options: object) -> Iterator[Network]:
    made = client.networks.create(name, **options)
    try:
        yield made
    finally:
        made.reload()
        for container in made.containers:
            container.remove(force=True)
        made.remove()


def test_tcp_gets_out(client: DockerClient, name: str, outside: Server) -> None:
    answer = run(client, ask(outside.address, outside.port), name)
    assert answer == "hello from outside\n"


def test_udp_gets_out(client: DockerClient, name: str, outside: Server) -> None:
    program = (
        "import socket; sock = socket.socket(type=socket.SOCK_DGRAM); sock.settimeout(60);"
        f"sock.sendto(b'shout', ('{outside.address}', {outside.port}));"
        "print(sock.recv(100).decode())"
    )
    words = ["python", "-c", program]
    assert client.containers.run("python:3.11", words, name=name, remove=True) == b"SHOUT\n"


def test_a_network_of_ones_own_gets_out(
    client: DockerClient, network: Network, name: str, outside: Server
) -> None:
    answer = run(client, ask(outside.address, outside.port), f"{name}-1", network=network.name)
    assert answer == "hello from outside\n"


def test_the_world_is_known_by_name(client: DockerClient, name: str) -> None:
    """The archive that this machine's packages are from stands for the world."""
    archive = _archive()
    request = f"HEAD / HTTP/1.0\\r\\nHost: {archive}\\r\\n\\r\\n"
    script = f"(printf '{request}'; sleep 2) | timeout 9 nc -w 5 {archive} 80; true"
    assert run(client, script, name).startswith("HTTP/1.")


def _archive() -> str:
    if not shutil.which("apt-get"):
        pytest.skip("nothing on this machine says what could be reached by name")
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE)"], capture_output=True, text=True
    )
    for line in done.stdout.splitlines():
        address = urlsplit(line.strip())
        if address.scheme == "http" and address.hostname:
            with contextlib.suppress(OSError), socket.create_connection((address.hostname, 80), 5):
                return address.hostname
    _lacking("the archive of this machine's packages cannot be reached")
    return ""


def test_what_is_built_gets_out(build, client: DockerClient, outside: Server) -> None:  # type: ignore[no-untyped-def]
    line = f"RUN test \"$(nc -w 3 {outside.address} {outside.port})\" = 'hello from outside'"
    assert build(f"FROM {IMAGE}\nRUN echo {uuid.uuid4()}\n{line}").image


def test_the_loopback_of_the_host_is_its_own(
    client: DockerClient, name: str, outside: Server, secret: Server
) -> None:
    script = "gateway=$(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p');"
    for address in ("127.0.0.1", "$gateway", *LINK):
        script += ask(address, secret.port, 1) + ";"
    script += ask(outside.address, outside.port)
    answer = run(client, script, name).splitlines()
    assert answer == ["failed"] * (2 + len(LINK)) + ["hello from outside"]


def test_networks_stay_apart(client: DockerClient, name: str, outside: Server) -> None:
    with _network(client, f"{name}-a") as one, _network(client, f"{name}-b") as other:
        server = _serve(client, f"{name}-s", one)
        address = server.attrs["NetworkSettings"]["Networks"][one.name]["IPAddress"]
        script = f"{ask(address, 8000, 2)}; {ask(outside.address, outside.port)}"
        beside = run(client, script, f"{name}-1", network=one.name)
        assert beside == "from a container\nhello from outside\n"
        for apart in (other.name, "bridge"):
            answer = run(client, script, f"{name}-2", network=apart)
            assert answer.splitlines()[-2:] == ["failed", "hello from outside"]


def _serve(client: DockerClient, name: str, network: Network) -> Container:
    script = "while true; do echo from a container | nc -l -p 8000; done"
    server = client.containers.run(
        IMAGE, ["sh", "-c", script], name=name, network=network.name, detach=True, init=True
    )
    server.reload()
    return server


def test_no_answer_goes_to_a_forged_source_in_another_network(
    engine: Engine, client: DockerClient, name: str
) -> None:
    """Pings of a gateway, said to come from the victim: with them anything could be sent there."""
    if not engine.kind.startswith("namespaces"):
        pytest.skip("the kernel's settings are the host's, or there are no raw packets")
    listen = (
        "import socket; sock = socket.socket(type=socket.SOCK_RAW, proto=socket.IPPROTO_ICMP);"
        "sock.settimeout(60); print('ready', flush=True);"
        "print(sock.recv(1000)[-5:].decode())"
    )
    with (
        _network(client, f"{name}-a") as one,
        _network(client, f"{name}-b", internal=True) as inner,
        _network(client, f"{name}-c") as other,
    ):
        words = ["python", "-uc", listen]
        victim = client.containers.run(
            "python:3.11", words, name=f"{name}-v", network=other.name, detach=True
        )
        next(victim.logs(stream=True))
        victim.reload()
        address = victim.attrs["NetworkSettings"]["Networks"][other.name]["IPAddress"]
        for number, network in enumerate((one, inner)):
            _ping(client, f"{name}-{number}", network, address, "forge")
        _ping(client, f"{name}-2", other, address, "plain")
        assert victim.wait(timeout=60)["StatusCode"] == 0
        assert victim.logs().split() == [b"ready", b"plain"]


def _ping(client: DockerClient, name: str, network: Network, source: str, text: str) -> None:
    """A ping of the network's gateway as if from ``source``."""
    network.reload()
    target = network.attrs["IPAM"]["Config"][0]["Gateway"]
    program = (
        "import socket, struct\n"
        "def summed(data):\n"
        "    total = sum(struct.unpack(f'!{len(data) // 2}H', data))\n"
        "    return ~((total >> 16) + total & 0xFFFF) & 0xFFFF\n"
        f"body = struct.pack('!HHHH', 0x800, 0, 1, 1) + b' {text}'\n"
        "body = body[:2] + struct.pack('!H', summed(body)) + body[4:]\n"
        "sock = socket.socket(type=socket.SOCK_RAW, proto=socket.IPPROTO_RAW)\n"
        "head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0)\n"
        f"ends = socket.inet_aton('{source}') + socket.inet_aton('{target}')\n"
        f"sock.sendto(head + ends + body, ('{target}', 0))\n"
    )
    client.containers.run(
        "python:3.11", ["python", "-c", program], name=name, network=network.name, remove=True
    )


def test_an_internal_network_has_no_way_out(
    client: DockerClient, name: str, engine: Engine, outside: Server
) -> None:
    """Docker Engine's can reach the host itself, so there it has to be somebody else."""
    far = outside.address, outside.port
    if engine.kind == "docker":
        far = socket.gethostbyname(_archive()), 80
    with _network(client, name, internal=True) as internal:
        server = _serve(client, f"{name}-s", internal)
        address = server.attrs["NetworkSettings"]["Networks"][internal.name]["IPAddress"]
        script = f"{ask(address, 8000, 2)}; {ask(*far, 1)}"
        answer = run(client, script, f"{name}-1", network=internal.name)
        assert answer == "from a container\nfailed\n"


class TestForcedWays:
    """Containers that are trusted with their cards, and do what they should not."""

    @pytest.fixture(autouse=True)
    def bridged(self, engine: Engine) -> None:
        if not engine.kind.startswith("namespaces"):
            pytest.skip("the embedded engine's own rules")

    def test_a_route_of_its_own_leads_nowhere(
        self, client: DockerClient, name: str, outside: Server
    ) -> None:
        with _network(client, name, internal=True) as internal:
            gateway = internal.attrs["IPAM"]["Config"][0]["Gateway"]
            script = f"ip route add default via {gateway} && "
            script += ask(outside.address, outside.port, 2)
            answer = run(client, script, f"{name}-1", network=internal.name, cap_add=["NET_ADMIN"])
            assert answer == "failed\n"

    def test_a_borrowed_address_gets_nowhere(
        self, client: DockerClient, name: str, outside: Server
    ) -> None:
        with _network(client, f"{name}-a") as one, _network(client, f"{name}-b") as other:
            address = other.attrs["IPAM"]["Config"][0]["Gateway"].rpartition(".")[0] + ".77"
            gateway = one.attrs["IPAM"]["Config"][0]["Gateway"]
            reach = ask(outside.address, outside.port, 2)
            script = f"{reach}; ip addr add {address}/32 dev eth0; "
            script += f"ip route replace default via {gateway} src {address}; {reach}"
            answer = run(client, script, f"{name}-1", network=one.name, cap_add=["NET_ADMIN"])
            assert answer == "hello from outside\nfailed\n"


@pytest.fixture(scope="module", params=wanted(embedded=True))
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this module's own, with a way out by the uplink."""
    if not request.param.startswith("namespaces"):
        pytest.skip("with PRoot, containers use the machine's network themselves")
    with running(request.param) as engine:
        with connected(engine) as client:
            _check(client)
            prepare(client, [IMAGE])
        yield engine


@contextlib.contextmanager
def connected(engine: Engine) -> Iterator[DockerClient]:
    client = docker.DockerClient(base_url=engine.url, timeout=30, version="1.41")
    with contextlib.closing(client):
        yield client


def stop(engine: Engine) -> None:
    assert engine.process is not None
    engine.process.terminate()
    engine.process.wait(30)


def uplinks(engine: Engine) -> list[int]:
    """The engine's slirp4netns, by its environment."""
    assert engine.root is not None
    home = b"HOME=%s\0" % str(engine.root.parent).encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "comm").read_text().strip() != "slirp4netns":
                continue
            if home in (folder / "environ").read_bytes() + b"\0":
                found.append(int(folder.name))
    return found


def test_it_starts_with_the_first_container_that_needs_it(
    mine: Engine, name: str, outside: Server
) -> None:
    assert uplinks(mine) == []
    with connected(mine) as client:
        for mode in ("none", "host"):
            client.containers.run(IMAGE, "true", name=name, network_mode=mode, remove=True)
        assert uplinks(mine) == []
        for _ in range(2):
            run(client, ask(outside.address, outside.port), name)
            assert len(uplinks(mine)) == 1


def test_many_containers_share_it(mine: Engine, name: str, outside: Server) -> None:
    """More than the 16 addresses that the other end can keep in mind."""
    script = f"sleep 1; for i in 1 2 3; do {ask(outside.address, outside.port, 20)}; done"
    with connected(mine) as client:
        containers = [
            client.containers.run(IMAGE, ["sh", "-c", script], name=f"{name}-{n}", detach=True)
            for n in range(24)
        ]
        for container in containers:
            container.wait()
            assert container.logs() == b"hello from outside\n" * 3
            container.remove()


def test_it_survives_the_engine(mine: Engine, name: str, outside: Server) -> None:
    reach = ask(outside.address, outside.port)
    with connected(mine) as client:
        client.containers.run(IMAGE, ["sleep", "60"], name=name, detach=True)
    before = uplinks(mine)
    mine.kill()
    mine.launch()
    with connected(mine) as client:
        container = client.containers.get(name)
        assert container.exec_run(["sh", "-c", reach]).output == b"hello from outside\n"
        assert run(client, reach, f"{name}-1") == "hello from outside\n"
        assert uplinks(mine) == before
        container.remove(force=True)


def test_it_is_started_again_when_it_died(mine: Engine, name: str, outside: Server) -> None:
    with connected(mine) as client:
        run(client, "true", name)
        (pid,) = uplinks(mine)
        handle = os.pidfd_open(pid)
        os.kill(pid, 9)
        assert select.select([handle], [], [], 60)[0]
        os.close(handle)
        assert run(client, ask(outside.address, outside.port), name) == "hello from outside\n"
    assert uplinks(mine) != [pid]


def test_it_ends_with_the_engine(mine: Engine, name: str) -> None:
    with connected(mine) as client:
        run(client, "true", name)
    (pid,) = uplinks(mine)
    stop(mine)
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
    assert uplinks(mine) == []
    mine.launch()


def test_without_the_program_the_rest_works(mine: Engine, name: str) -> None:
    environment = mine.options["env"]
    assert isinstance(environment, dict)
    stop(mine)
    mine.options["env"] = {**environment, "DOCKERLAB_SLIRP4NETNS": "/nonexistent"}
    try:
        mine.launch()
        with connected(mine) as client:
            (warning,) = [w for w in client.info()["Warnings"] if "internet" in w]
            assert "install the package slirp4netns" in warning
            before = time.monotonic()
            assert run(client, "echo works", name) == "works\n"
            assert time.monotonic() - before < 30
    finally:
        mine.options["env"] = environment
        stop(mine)
        mine.launch()
