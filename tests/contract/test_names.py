"""Names between containers: the name server of user networks, and the files that say so."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest
from dnslab import ASK, ECHO, HELLO, SERVE
from docker.client import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from engines import Engine, running, wanted

from dockerlab.course.prepare import prepare

STANDARD_HOSTS = (
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
    "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
)
RESOLV_CONF = "nameserver 127.0.0.11\noptions ndots:0\n"
QUICK = {"dns_opt": ["timeout:1", "attempts:1"]}


class Town:
    """Networks and containers of one test. ``names[short]`` is what a thing is really called."""

    def __init__(self, client: DockerClient, name: str) -> None:
        self.client = client
        self.prefix = name
        self.networks: list[Network] = []
        self.containers: list[Container] = []

    def full(self, short: str) -> str:
        return f"{self.prefix}-{short}"

    def network(self, short: str, **options: Any) -> Network:
        self.networks.append(self.client.networks.create(self.full(short), **options))
        return self.networks[-1]

    def run(
        self,
        short: str,
        *networks: Network,
        command: Any = ("sleep", "1000"),
        image: str = "busybox",
        aliases: list[str] | None = None,
        links: dict[str, str] | None = None,
        **host: Any,
    ) -> Container:
        """A container in these networks (the default bridge without any)."""
        api = self.client.api
        config: dict[str, Any] = {"host_config": api.create_host_config(**host)}
        if networks:
            endpoint = api.create_endpoint_config(aliases=aliases, links=links)
            config["networking_config"] = api.create_networking_config({networks[0].name: endpoint})
            config["host_config"]["NetworkMode"] = networks[0].name
        made = api.create_container(image, list(command), name=self.full(short), **config)
        found = self.client.containers.get(made["Id"])
        self.containers.append(found)
        for network in networks[1:]:
            network.connect(found, aliases=aliases)
        found.start()
        found.reload()
        return found

    def python(self, short: str, *networks: Network, **options: Any) -> Container:
        return self.run(short, *networks, image="python", **options)

    def server(self, short: str, *networks: Network, program: str, **options: Any) -> Container:
        """A Python program that serves; waits until it does."""
        command = ("python3", "-c", program, short)
        found = self.python(short, *networks, command=command, **options)
        until(lambda: b"serves" in found.logs() or ended(found), 60)  # a busy machine takes long
        assert b"serves" in found.logs(), (found.status, found.logs().decode())
        return found

    def clear(self) -> None:
        for container in self.containers:
            with contextlib.suppress(NotFound):
                container.remove(force=True, v=True)
        for network in self.networks:
            network.remove()


@pytest.fixture
def town(client: DockerClient, name: str) -> Iterator[Town]:
    town = Town(client, name)
    yield town
    town.clear()


def ended(container: Container) -> bool:
    container.reload()
    return container.status == "exited"


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def ask(container: Container, code: str) -> Any:
    """What the code says by ``tell``."""
    done = container.exec_run(["python3", "-c", ASK + code])
    assert done.exit_code == 0, done.output.decode()
    return json.loads(done.output)


def out(container: Container, *command: str) -> str:
    output: str = container.exec_run(list(command)).output.decode()
    return output


def address(container: Container, network: Network) -> str:
    container.reload()
    found: str = container.attrs["NetworkSettings"]["Networks"][network.name]["IPAddress"]
    return found


def finds(container: Container, name: str) -> bool:
    """Whether the C library finds the name."""
    code = "import socket, sys; socket.getaddrinfo(sys.argv[1], 80, type=1)"
    return bool(container.exec_run(["python3", "-c", code, name]).exit_code == 0)


def test_files_in_a_network_of_ones_own(town: Town) -> None:
    net = town.network("a")
    one = town.run("one", net)
    assert out(one, "cat", "/etc/resolv.conf") == RESOLV_CONF
    hosts = out(one, "cat", "/etc/hosts")
    assert hosts == f"{STANDARD_HOSTS}{address(one, net)}\t{one.id[:12]}\n"
    options = {
        "dns": ["192.0.2.53"],
        "dns_search": ["a.test", "b"],
        "dns_opt": ["timeout:3"],
        "extra_hosts": {"printer": "192.0.2.9"},
    }
    two = town.run("two", net, **options)
    assert out(two, "cat", "/etc/resolv.conf") == (
        "search a.test b\nnameserver 127.0.0.11\noptions timeout:3 ndots:0\n"
    )
    assert "\n192.0.2.9\tprinter\n" in out(two, "cat", "/etc/hosts")
    own = town.run("three", net, dns_opt=["ndots:2"], dns_search=["."])
    assert out(own, "cat", "/etc/resolv.conf") == "nameserver 127.0.0.11\noptions ndots:2\n"


def test_what_the_name_server_answers(town: Town) -> None:
    net = town.network("a")
    web = town.run("web", net, aliases=["Shop", "al.dotted"])
    asker = town.python("asker", net)
    where = address(web, net)
    full = f"{web.name}.{net.name}"
    got = ask(
        asker,
        f"names = ['shop', 'SHOP', 'al.dotted', '{web.name}', '{web.id[:12]}', '{full}', 'shop.', "
        f"'{asker.name}']\n"
        "tell([read(exchange(message(n))) for n in names] + [read(by_tcp(message('shop')))])",
    )
    plain = {"id": 0x1234, "code": 0, "cut": False, "flags": 0x8180, "ttl": [600], "questions": 1}
    own = got.pop(7)
    assert got == [{**plain, "found": [where]}] * 8
    assert own["found"] == [address(asker, net)]
    got = ask(
        asker,
        f"tell([read(exchange(message('shop', 28))), "
        f"read(exchange(message(reverse('{where}'), 12)))])",
    )
    assert got == [
        {**plain, "ttl": [], "found": []},
        {**plain, "found": [full]},
    ]


def test_packets_that_are_no_questions(town: Town) -> None:
    net = town.network("a")
    asker = town.python("asker", net)
    got = ask(
        asker,
        f"good = message('{asker.name}')\n"
        "bad = [b'abc', good[:2] + b'\\x81\\0' + good[4:], good[:-3], "
        "good[:4] + b'\\0\\0' + good[6:12], good[:12] + b'\\xc0\\x0c\\0\\1\\0\\1', "
        "good[:2] + b'\\x11\\0' + good[4:]]\n"
        "tell([read(exchange(b, 0.7)) for b in bad] + [read(exchange(good))['code']])",
    )
    refused = {"id": 0x1234, "cut": False, "found": [], "ttl": [], "questions": 0}
    formerr = {**refused, "code": 1, "flags": 0x8100}
    notimp = {**refused, "code": 4, "flags": 0x9100}
    assert got == [None, None, formerr, formerr, formerr, notimp, 0]


def test_several_containers_of_one_name(town: Town) -> None:
    net = town.network("a")
    those = [town.run(f"w{n}", net, aliases=["many"]) for n in range(3)]
    asker = town.python("asker", net)
    answers = ask(asker, "tell([read(exchange(message('many')))['found'] for _ in range(20)])")
    assert {tuple(sorted(found)) for found in answers} == {
        tuple(sorted(address(one, net) for one in those))
    }
    assert len({found[0] for found in answers}) > 1
    those[0].stop(timeout=0)
    assert len(ask(asker, "tell(read(exchange(message('many')))['found'])")) == 2


def test_names_end_at_the_network(town: Town) -> None:
    a, b = town.network("a"), town.network("b")
    in_a = town.python("ina", a, aliases=["svc"], **QUICK)
    in_b = town.python("inb", b, aliases=["svc"], **QUICK)
    both = town.python("both", a, b, **QUICK)
    assert not finds(in_a, in_b.name)
    assert not finds(in_b, in_a.name)
    got = ask(both, "tell(sorted(read(exchange(message('svc')))['found'][:1]))")
    assert got[0] in (address(in_a, a), address(in_b, b))
    names = [f"svc.{a.name}", f"svc.{b.name}", in_a.name, in_b.name]
    got = ask(both, f"tell([read(exchange(message(n)))['found'] for n in {names}])")
    assert got == [[address(in_a, a)], [address(in_b, b)]] * 2
    for where, network in ((in_a, a), (in_b, b)):
        assert out(where, "python3", "-c", _LOOK_UP, both.name).split() == [address(both, network)]


_LOOK_UP = "import socket, sys; print(socket.gethostbyname(sys.argv[1]))"


def test_the_default_bridge_has_no_names(town: Town) -> None:
    one, two = town.python("one", **QUICK), town.python("two")
    assert "127.0.0.11" not in out(one, "cat", "/etc/resolv.conf")
    assert not finds(one, two.name)


def test_into_a_network_with_names_and_out_again(town: Town) -> None:
    net = town.network("a")
    web = town.run("web", net)
    asker = town.python("asker", **QUICK)
    before = out(asker, "cat", "/etc/resolv.conf")
    net.connect(asker, aliases=["me"])
    text = out(asker, "cat", "/etc/resolv.conf")
    assert text.startswith("nameserver 127.0.0.11\n")
    assert text.endswith(" ndots:0\n")
    hosts = out(asker, "cat", "/etc/hosts")
    assert f"\n{address(asker, net)}\t{asker.id[:12]}\n" in hosts
    assert f"\n{address(asker, net)}\t" in hosts
    assert finds(asker, web.name)
    assert finds(asker, "me")
    gone = address(asker, net)
    net.disconnect(asker)
    assert out(asker, "cat", "/etc/resolv.conf") == text
    assert gone not in out(asker, "cat", "/etc/hosts")
    assert not finds(asker, web.name)
    asker.restart(timeout=0)
    assert out(asker, "cat", "/etc/resolv.conf") == before


def test_what_a_container_wrote_into_its_files_stays(town: Town) -> None:
    a, b = town.network("a"), town.network("b")
    one = town.run("one", a)
    out(one, "sh", "-c", "echo 192.0.2.1 mine >> /etc/hosts; echo '# mine' >> /etc/resolv.conf")
    b.connect(one)
    a.disconnect(one)
    assert "\n192.0.2.1 mine\n" in out(one, "cat", "/etc/hosts")
    assert out(one, "cat", "/etc/resolv.conf") == RESOLV_CONF + "# mine\n"


def test_names_follow_what_happens(town: Town, name: str) -> None:
    net = town.network("a")
    web = town.run("web", net)
    asker = town.python("asker", net, **QUICK)
    assert finds(asker, web.name)
    web.rename(f"{name}-other")
    assert finds(asker, f"{name}-other")
    assert not finds(asker, town.full("web"))
    web.stop(timeout=0)
    assert not finds(asker, f"{name}-other")
    web.start()
    assert finds(asker, f"{name}-other")
    late = town.run("late", net)
    assert finds(asker, late.name)
    late.remove(force=True)
    assert not finds(asker, town.full("late"))


def test_links_are_names_for_one_container_only(town: Town) -> None:
    net = town.network("a")
    web = town.run("web", net)
    linked = town.python("linked", net, links={web.name: "store"}, **QUICK)
    other = town.python("other", net, **QUICK)
    assert finds(linked, "store")
    assert not finds(other, "store")


def test_a_shared_network_has_its_owners_names(town: Town) -> None:
    net = town.network("a")
    web = town.run("web", net)
    owner = town.run("owner", net)
    guest = town.python("guest", network_mode=f"container:{owner.id}")
    assert out(guest, "cat", "/etc/resolv.conf") == RESOLV_CONF
    assert finds(guest, web.name)
    assert finds(guest, owner.name)


def test_other_names_are_asked_outside(town: Town) -> None:
    net = town.network("a")
    upstream = town.server("upstream", net, program=SERVE)
    where = address(upstream, net)
    asker = town.python("asker", net, dns=[where], **QUICK)
    got = ask(
        asker,
        "tell([read(exchange(message(n))) for n in ('one.test', 'none.test', 'many.test')]"
        " + [read(by_tcp(message('many.test')))])",
    )
    assert [(one["code"], len(one["found"]), one["cut"]) for one in got] == [
        (0, 1, False),
        (3, 0, False),
        (0, 0, True),
        (0, 100, False),
    ]
    assert got[0]["id"] == 0x1234
    assert out(asker, "python3", "-c", _LOOK_UP, "one.test") == "192.0.2.1\n"
    assert not finds(asker, "silent.test")
    assert finds(asker, upstream.name)
    log = upstream.logs().decode()
    assert "asked silent.test udp" in log
    assert upstream.name not in log
    # The next server is asked when the first says nothing.
    second = town.python("second", net, dns=["192.0.2.1", where], dns_opt=["timeout:9"])
    assert out(second, "python3", "-c", _LOOK_UP, "one.test") == "192.0.2.1\n"


def test_nobody_outside_is_asked_from_an_internal_network(town: Town) -> None:
    net = town.network("a", internal=True)
    web = town.run("web", net)
    asker = town.python("asker", net, dns=["192.0.2.1"], **QUICK)
    assert finds(asker, web.name)
    assert not finds(asker, "one.test")


def test_same_ports_in_several_networks(town: Town) -> None:
    """Whoever shares a network is reached by name, whoever does not is not."""
    a, b = town.network("a"), town.network("b")
    servers = {
        short: town.server(short, *networks, program=HELLO, aliases=[short])
        for short, networks in (("one", [a]), ("two", [a]), ("far", [b]), ("mid", [a, b]))
    }
    in_a = town.python("ina", a, **QUICK)
    in_b = town.python("inb", b, **QUICK)
    names = list(servers)
    code = f"tell([connect(n) for n in {names}])"
    assert ask(in_a, code) == ["one", "two", "gaierror", "mid"]
    assert ask(in_b, code) == ["gaierror", "gaierror", "far", "mid"]
    far, mid = address(servers["far"], b), address(servers["mid"], b)
    across = ask(in_a, f"tell([connect(n) for n in {[far, mid]}])")
    assert all(found in ("TimeoutError", "OSError") for found in across)
    assert ask(servers["mid"], code) == names


def test_datagrams_by_name(town: Town) -> None:
    net = town.network("a")
    town.server("echo", net, program=ECHO, aliases=["echo"])
    asker = town.python("asker", net)
    code = (
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(30)\n"
        "s.sendto(b'one', ('echo', 7)); a = s.recvfrom(9)\n"
        "s.sendmsg([b't', b'wo'], [], 0, (socket.gethostbyname('echo'), 7)); b = s.recv(9)\n"
        "s.connect(('echo', 7)); s.send(b'three'); c = s.recv(9)\n"
        "tell([a[0].decode(), b.decode(), c.decode(), s.getpeername()[1]])"
    )
    assert ask(asker, code) == ["ONE", "TWO", "THREE", 7]


def test_two_of_the_same_service(town: Town) -> None:
    net = town.network("a")
    for short in ("r1", "r2"):
        town.run(short, net, image="redis", command=["redis-server"], aliases=[short])
    asker = town.run("asker", net, image="redis", command=["sleep", "1000"])
    until(lambda: all("PONG" in out(asker, "redis-cli", "-h", h, "ping") for h in ("r1", "r2")))
    out(asker, "redis-cli", "-h", "r1", "set", "k", "first")
    assert out(asker, "redis-cli", "-h", "r1", "get", "k") == "first\n"
    assert out(asker, "redis-cli", "-h", "r2", "get", "k") == "\n"


def test_programs_of_several_kinds(town: Town) -> None:
    net = town.network("a")
    web = town.server("web", net, program=HELLO, aliases=["web"])
    where = address(web, net)
    plain = town.run("plain", net)
    assert where in out(plain, "nslookup", "web")
    assert "server can't find" in out(plain, "nslookup", "nobody")
    assert out(plain, "sh", "-c", "nc web 80 </dev/null") == "web"
    node = town.run("node", net, image="node", command=["sleep", "1000"])
    code = (
        "const d = require('dns').promises; (async () => console.log((await d.lookup('web'))"
        ".address, ...(await d.resolve4('web')), ...(await d.reverse(process.argv[1]))))()"
    )
    assert out(node, "node", "-e", code, where).split() == [where, where, f"{web.name}.{net.name}"]


@pytest.fixture(scope="module", params=wanted(embedded=True))
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this module's own: it is killed here."""
    with running(request.param) as engine:
        yield engine


def test_names_outlive_the_engine(mine: Engine, name: str) -> None:
    def connect() -> DockerClient:
        return docker.DockerClient(base_url=mine.url, timeout=60, version="1.41")

    prepare(connect(), ["busybox", "python"])
    town = Town(connect(), name)
    net = town.network("a")
    web = town.run("web", net, aliases=["web"])
    late = town.python("late")
    net.connect(late)
    asker = town.python("asker", net)
    # Asked while no engine runs, answered by the next one.
    code = (
        "import time; print('ready', flush=True); time.sleep(1.5)\n"
        "tell(read(exchange(message('web'), 20))['found'])"
    )
    waiting = asker.client.api.exec_create(asker.id, ["sh", "-c", _BEGIN, "x", ASK + code])
    asker.client.api.exec_start(waiting["Id"])
    until(lambda: "ready" in out(asker, "cat", "/tmp/found"))
    mine.kill()
    time.sleep(2.5)
    mine.launch()
    town.client = connect()
    where = [town.client.containers.get(one.id) for one in (web, late, asker)]
    web, late, asker = where
    found = [address(web, town.client.networks.get(net.id))]
    until(lambda: json.dumps(found) in out(asker, "cat", "/tmp/found"))
    for one in (late, asker):
        assert ask(one, "tell(read(exchange(message('web')))['found'])") == found
        assert ask(one, "tell(read(by_tcp(message('web')))['found'])") == found
    web.restart(timeout=0)
    assert finds(late, web.name)
    town.containers = where
    town.networks = [town.client.networks.get(net.id)]
    town.clear()


_BEGIN = 'python3 -c "$1" > /tmp/found 2>&1 &'


def test_a_name_server_of_ones_own(town: Town, engine: Engine) -> None:
    """One that holds port 53 at all addresses leaves no room for the network's: it is said."""
    net = town.network("a")
    serve = "import socket; s = socket.create_server(('0.0.0.0', 53)); print('serves', flush=True)"
    holder = town.server("holder", program=f"{serve}; s.accept()")
    web = town.run("web", net)
    if engine.kind.startswith("namespaces"):
        with pytest.raises(APIError, match="port 53 inside: Address already in use"):
            net.connect(holder)
        assert "127.0.0.11" not in out(holder, "cat", "/etc/resolv.conf")
        net.reload()
        assert [one.id for one in net.containers] == [web.id]
    else:
        net.connect(holder)
        assert finds(holder, web.name)


def test_from_no_network_into_one_with_names(town: Town) -> None:
    net = town.network("a")
    asker = town.python("asker", net)
    lonely = town.server("lonely", program=HELLO, network_mode="none")
    town.client.networks.get("none").disconnect(lonely)
    net.connect(lonely)
    assert ask(asker, f"tell(connect('{lonely.name}'))") == "lonely"
    assert ask(lonely, f"tell([connect('{lonely.name}')])") == ["lonely"]
    assert finds(lonely, asker.name)
