"""Each container under PRoot has a network of its own, though all share the machine's."""

from __future__ import annotations

import ctypes
import errno
import socket
import threading

from prootlab import Box, Lab, in_lab

from dockerlab.engine.net import loopback
from dockerlab.engine.net.dns.forwarder import Forwarder
from dockerlab.engine.net.dns.server import Resolvers
from dockerlab.engine.net.dns.ways import Ways
from dockerlab.engine.net.relay import Source
from dockerlab.engine.run.process import Mount

SERVER = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', 80)); s.listen(); print('listens on', *s.getsockname(), flush=True)
while True:
    c, a = s.accept(); c.sendall(b'I am ' + sys.argv[1].encode()); c.close()
"""

CLIENT = """
import socket, sys
for host in sys.argv[1:]:
    host, _, port = host.partition(':')
    try:
        s = socket.create_connection((host, int(port or 80)), 5)
        print(host, s.recv(100).decode(), s.getpeername()[:2])
    except OSError as e:
        print(host, e.strerror or e)
"""


async def server(lab: Lab, name: str, address: str, network: str = "a") -> Box:
    box = await lab.start("python3", "-c", SERVER, name, address=address, network=network)
    await box.says("listens on")
    return box


async def ask(lab: Lab, *hosts: str, address: str, network: str = "a") -> list[str]:
    args = ("python3", "-c", CLIENT, *hosts)
    code, out, err = await lab.run(*args, address=address, network=network)
    assert code == 0, err
    return out.splitlines()


@in_lab
async def test_same_port_in_two_containers(lab: Lab) -> None:
    one = await server(lab, "one", "172.17.0.2")
    await server(lab, "two", "172.17.0.3")
    assert one.output() == "listens on 0.0.0.0 80\n"
    answers = await ask(lab, "172.17.0.2", "172.17.0.3", address="172.17.0.4")
    assert answers == [
        "172.17.0.2 I am one ('172.17.0.2', 80)",
        "172.17.0.3 I am two ('172.17.0.3', 80)",
    ]


@in_lab
async def test_published_ports_find_the_container(lab: Lab) -> None:
    await server(lab, "one", "172.17.0.2")
    home = loopback.address(str(lab.root), "172.17.0.2")
    with socket.create_connection((home, loopback.port(80)), 5) as connection:
        assert connection.recv(100) == b"I am one"


BINDS = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
s = socket.socket()
where = struct.pack('H', socket.AF_INET) + struct.pack('!H', 80) + bytes(12)
address = ctypes.create_string_buffer(where, 16)
print(libc.bind(s.fileno(), address, 16), libc.listen(s.fileno(), 5), address.raw == where)
"""


@in_lab
async def test_a_server_finds_the_address_that_it_bound_unchanged(lab: Lab) -> None:
    """Nginx takes its sockets over at a reload by it."""
    code, out, err = await lab.run("python3", "-c", BINDS, address="172.17.0.2", network="a")
    assert (code, out.split()) == (0, ["0", "0", "True"]), err


@in_lab
async def test_own_address_and_localhost(lab: Lab) -> None:
    box = await server(lab, "one", "172.17.0.2")
    code, out = await box.exec("python3", "-c", CLIENT, "127.0.0.1", "172.17.0.2")
    assert code == 0
    assert out.count("I am one") == 2


@in_lab
async def test_networks_are_separate(lab: Lab) -> None:
    await server(lab, "one", "172.17.0.2")
    await server(lab, "far", "172.18.0.2", "b")
    answers = await ask(lab, "172.18.0.2", "172.17.0.99", "127.0.0.1", address="172.17.0.4")
    assert answers == [
        "172.18.0.2 No route to host",
        "172.17.0.99 No route to host",
        "127.0.0.1 Connection refused",
    ]


@in_lab
async def test_no_network(lab: Lab) -> None:
    await server(lab, "one", "172.17.0.2")
    answers = await ask(lab, "172.17.0.2", "192.0.2.1", address="")
    assert answers == ["172.17.0.2 Network is unreachable", "192.0.2.1 Network is unreachable"]


@in_lab
async def test_servers_of_the_machine_are_not_seen(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as machine:
        port = machine.getsockname()[1]
        hosts = [f"{host}:{port}" for host in ("127.0.0.1", "127.0.0.2", "0.0.0.0")]
        home = loopback.address(str(lab.root), "172.17.0.2")
        answers = await ask(lab, *hosts, f"{home}:{port}", address="172.17.0.2")
    assert [line.partition(" ")[2] for line in answers] == ["Connection refused"] * 4


@in_lab
async def test_ipv6_wildcard(lab: Lab) -> None:
    script = SERVER.replace("socket.socket()", "socket.socket(socket.AF_INET6)")
    script = script.replace("0.0.0.0", "::")
    box = await lab.start("python3", "-c", script, "six", address="172.17.0.2")
    await box.says("listens on :: 80")
    assert "I am six" in (await ask(lab, "172.17.0.2", address="172.17.0.3"))[0]


@in_lab
async def test_both_wildcards_as_nginx_does(lab: Lab) -> None:
    script = (
        "import socket\n"
        "six = socket.socket(socket.AF_INET6)\n"
        "six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)\n"
        "six.bind(('::', 80)); six.listen()\n"
        "four = socket.create_server(('0.0.0.0', 80)); print(six.getsockname()[:2])"
    )
    code, out, err = await lab.run("python3", "-c", script, address="172.17.0.2")
    assert (code, out) == (0, "('::', 80)\n"), err


@in_lab
async def test_addresses_of_others_cannot_be_bound(lab: Lab) -> None:
    script = "import socket; socket.create_server(('172.17.0.9', 80))"
    code, _, err = await lab.run("python3", "-c", script, address="172.17.0.2")
    assert code == 1
    assert "Cannot assign requested address" in err


@in_lab
async def test_udp(lab: Lab) -> None:
    echo = (
        "import socket\n"
        "s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', 53)); print('ready', flush=True)\n"
        "while True:\n data, a = s.recvfrom(99); s.sendto(data.upper(), a)"
    )
    box = await lab.start("python3", "-c", echo, address="172.17.0.2")
    await box.says("ready")
    client = (
        "import socket\n"
        "s = socket.socket(type=socket.SOCK_DGRAM); s.settimeout(30)\n"
        "s.sendto(b'to', ('{0}', 53)); print(s.recv(9))\n"
        "s.sendmsg([b'msg'], [], 0, ('{0}', 53)); print(s.recv(9))\n"
        "c = socket.socket(type=socket.SOCK_DGRAM); c.settimeout(30)\n"
        "c.connect(('{0}', 53)); c.send(b'connected'); print(c.recv(9))"
    )
    expected = "b'TO'\nb'MSG'\nb'CONNECTED'\n"
    script = client.format("172.17.0.2")
    _, out, err = await lab.run("python3", "-c", script, address="172.17.0.3")
    assert out == expected, err
    assert (await box.exec("python3", "-c", client.format("127.0.0.1"))) == (0, expected)


def may_take_descriptors() -> bool:
    """Whether pidfd_getfd is allowed; a container's seccomp profile may deny it."""
    ctypes.CDLL(None, use_errno=True).syscall(438, -1, -1, 0)
    return ctypes.get_errno() == errno.EBADF


@in_lab
async def test_peers_are_told_apart(lab: Lab) -> None:
    if lab.place == "pod" or not may_take_descriptors():
        return  # everybody is 127.0.0.1
    script = SERVER.replace("b'I am ' + sys.argv[1].encode()", "repr(a[0]).encode()")
    box = await lab.start("python3", "-c", script, address="172.17.0.2")
    await box.says("listens")
    homes = [loopback.address(str(lab.root), f"172.17.0.{n}") for n in (3, 4)]
    for number, home in zip((3, 4), homes, strict=True):
        (answer,) = await ask(lab, "172.17.0.2", address=f"172.17.0.{number}")
        assert home in answer  # not 172.17.0.…: what accept says cannot be changed


@in_lab
async def test_abstract_unix_sockets_of_the_machine_are_not_seen(lab: Lab) -> None:
    with socket.socket(socket.AF_UNIX) as machine:
        machine.bind("\0dockerlab-test")
        machine.listen()
        script = (
            "import socket\n"
            "s = socket.socket(socket.AF_UNIX)\n"
            "try: s.connect('\\0dockerlab-test')\n"
            "except OSError as e: print(e.strerror)\n"
            "own = socket.socket(socket.AF_UNIX); own.bind('\\0own'); own.listen()\n"
            "s.connect('\\0own'); print('own')"
        )
        _, out, err = await lab.run("python3", "-c", script)
        assert out == "Connection refused\nown\n", err


@in_lab
async def test_many_connections(lab: Lab) -> None:
    await server(lab, "one", "172.17.0.2")
    home = loopback.address(str(lab.root), "172.17.0.2")
    answers: list[bytes] = []

    def fetch() -> None:
        for _ in range(20):
            with socket.create_connection((home, loopback.port(80)), 5) as connection:
                answers.append(connection.recv(100))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"I am one"] * 160


ASKING = """
import socket, struct, sys, time
query = struct.pack('!6H', 7, 256, 1, 0, 0, 0) + b'\\3web\\0\\0\\1\\0\\1'
print('begins', flush=True)
for attempt in range(2):
    print(sorted({a[4][0] for a in socket.getaddrinfo('web', 80)}), flush=True)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(30)
for attempt in range(2):
    u.sendto(query, ('127.0.0.11', 53)); data, source = u.recvfrom(600)
    print(data[-4:].hex(), source[0])
u.connect(('127.0.0.11', 53)); u.send(query); print(u.recv(600)[-4:].hex(), u.getpeername())
s = socket.create_connection(('127.0.0.11', 53), 5)
s.sendall(struct.pack('!H', len(query)) + query); print(s.recv(600)[-4:].hex(), s.getpeername())
"""

TRYING = """
import socket, sys
for port in map(int, sys.argv[1:]):
    try:
        socket.create_connection(('127.0.0.11', port), 5)
        print('reached')
    except OSError as error:
        print(error.strerror)
"""


class Names:
    """What an engine knows."""

    def lookup(self, container_id: str, name: str) -> list[str]:
        return ["172.17.0.9"] if name == "web" else []

    def reverse(self, container_id: str, address: str) -> str:
        return ""

    def reaches_outside(self, container_id: str) -> bool:
        return False

    def behind(self, container_id: str, address: str) -> str:
        return ""


@in_lab
async def test_names_are_asked_of_the_engine(lab: Lab) -> None:
    file = lab.root / "resolv.conf"
    file.write_text("nameserver 127.0.0.11\noptions ndots:0\n")
    mounts = (Mount("bind", "/etc/resolv.conf", str(file)),)
    args = ("python3", "-c", ASKING)
    box = await lab.start(*args, address="172.17.0.2", resolver=True, mounts=mounts)
    await box.says("begins")  # and asks, before anybody listens
    resolvers = Resolvers(Names(), Forwarder(Ways(Names(), Source(None)).to))
    await resolvers.serve(box.spec.id, box.process, list)
    udp, tcp = await box.process.resolver()
    port = str(udp.getsockname()[1])
    udp.close()
    tcp.close()
    # The name server of one container is not there for another.
    other = await lab.run("python3", "-c", TRYING, "53", port, address="172.17.0.3")
    assert other[1].splitlines() == ["Connection refused"] * 2
    assert (await box.wait()).code == 0, box.output("stderr")
    answer = socket.inet_aton("172.17.0.9").hex()
    assert box.output().splitlines() == [
        "begins",
        *["['172.17.0.9']"] * 2,
        *[f"{answer} 127.0.0.11"] * 2,
        *[f"{answer} ('127.0.0.11', 53)"] * 2,
    ]
    resolvers.close()
