"""Published ports: what people type after ``-p``, judged by Docker Engine."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
from collections.abc import Callable

import pytest
from commandline import CommandLine
from docker.client import DockerClient
from engines import Engine
from freeports import free_port, is_free

SERVE = "mkdir /www; echo {text} > /www/index.html; httpd -f -p {port} -h /www"

ECHO = """
import socket
box = socket.socket(type=socket.SOCK_DGRAM)
box.bind(("", 53))
while True:
    data, sender = box.recvfrom(100)
    box.sendto(data.upper(), sender)
"""


@pytest.fixture
def free() -> Callable[[int], int]:
    """``free(3)``: the first of three ports of the host in a row that are free."""

    return free_port


def get(port: int, host: str = "127.0.0.1", seconds: float = 60) -> str:
    """The page at a port, once it is there."""
    end = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode().strip()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        finally:
            connection.close()


def serve(docker: CommandLine, name: str, *words: str, text: str = "hi", port: str = "80") -> None:
    command = SERVE.format(text=text, port=port)
    done = docker("run", "-d", "--name", name, *words, "busybox", "sh", "-c", command)
    assert done.code == 0, done.err


def published(client: DockerClient, name: str, inside: str) -> list[tuple[str, int]]:
    """Host address and port, IPv6 left out."""
    ports = client.containers.get(name).ports.get(inside) or []
    return [(p["HostIp"], int(p["HostPort"])) for p in ports if ":" not in p["HostIp"]]


# ---- what may be asked for


def test_a_chosen_port(docker: CommandLine, name: str, free: Callable[[int], int]) -> None:
    port = free(1)
    serve(docker, name, "-p", f"{port}:80")
    assert get(port) == "hi"
    assert re.search(rf"^80/tcp -> [\d.]+:{port}$", docker("port", name).out, re.MULTILINE)
    assert f":{port}->80/tcp" in docker("ps", "--filter", f"name={name}").out


@pytest.mark.parametrize("text", ["80", ":80", "0:80", "127.0.0.1::80"])
def test_any_free_port(client: DockerClient, docker: CommandLine, name: str, text: str) -> None:
    serve(docker, name, "-p", text)
    ((_, port),) = published(client, name, "80/tcp")
    assert port >= 1024
    assert get(port) == "hi"


def test_a_row_of_ports(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(3)
    serve(docker, name, "-p", f"{port}-{port + 2}:80-82", port="81")
    assert [published(client, name, f"8{n}/tcp")[0][1] - port for n in range(3)] == [0, 1, 2]
    assert get(port + 1) == "hi"


def test_the_first_free_one_of_several(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(2)
    for number in range(2):
        serve(docker, f"{name}-{number}", "-p", f"{port}-{port + 1}:80", text=str(number))
    assert sorted(get(port + more) for more in range(2)) == ["0", "1"]
    done = docker("run", "--name", name, "-p", f"{port}-{port + 1}:80", "busybox", "true")
    assert done.code == 125
    assert "all ports are allocated" in done.err


def test_several_for_one(docker: CommandLine, name: str, free: Callable[[int], int]) -> None:
    port = free(2)
    serve(docker, name, "-p", f"{port}:80", "-p", f"{port + 1}:80", "-p", f"{port}:80/udp")
    assert get(port) == get(port + 1) == "hi"
    assert f":{port}\n" in docker("port", name, "80/udp").out


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_one_address_of_the_host(
    docker: CommandLine, name: str, free: Callable[[int], int], address: str
) -> None:
    port = free(1)
    serve(docker, name, "-p", f"{address}:{port}:80")
    assert get(port, address) == "hi"
    assert docker("port", name, "80").out == f"{address}:{port}\n"
    other = {"127.0.0.1": "127.0.0.2", "127.0.0.2": "127.0.0.1"}[address]
    with pytest.raises(OSError), socket.create_connection((other, port), timeout=2):
        pass


def test_ipv6_of_the_host(docker: CommandLine, name: str, free: Callable[[int], int]) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    port = free(1)
    serve(docker, name, "-p", f"[::1]:{port}:80")
    assert get(port, "::1") == "hi"
    assert docker("port", name, "80").out == f"[::1]:{port}\n"


def test_udp(docker: CommandLine, name: str, free: Callable[[int], int]) -> None:
    port = free(1)
    docker("run", "-d", "--name", name, "-p", f"{port}:53/udp", "python", "python3", "-c", ECHO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.2)
        sender.connect(("127.0.0.1", port))
        for _ in range(100):
            with contextlib.suppress(OSError):
                sender.send(b"word")
                assert sender.recv(100) == b"WORD"
                return
            time.sleep(0.05)
    pytest.fail("no datagram came back")


def test_all_that_are_exposed(client: DockerClient, docker: CommandLine, name: str) -> None:
    words = ["--expose", "81", "--expose", "90-91", "--expose", "53/udp"]
    docker("run", "-d", "--name", name, "-P", *words, "busybox", "sleep", "600")
    ports = client.containers.get(name).ports
    assert sorted(ports) == ["53/udp", "81/tcp", "90/tcp", "91/tcp"]
    assert all(ports.values())


def test_exposed_without_a_protocol_means_tcp(client: DockerClient, name: str) -> None:
    body = {"Image": "alpine", "Cmd": ["sleep", "60"], "ExposedPorts": {"3000": {}, "53/udp": {}}}
    url = client.api._url("/containers/create")
    made = client.api._post_json(url, data=body, params={"name": name}).json()
    client.api.start(made["Id"])
    facts = client.api.inspect_container(made["Id"])
    assert facts["Config"]["ExposedPorts"] == body["ExposedPorts"]
    assert facts["NetworkSettings"]["Ports"] == {"3000/tcp": None, "53/udp": None}


def test_in_anothers_network_there_is_nothing_of_its_own(client: DockerClient, name: str) -> None:
    client.containers.run("alpine", ["sleep", "60"], name=name, detach=True)
    mode = f"container:{name}"
    client.containers.run(
        "alpine", ["sleep", "60"], name=f"{name}-2", network_mode=mode, detach=True
    )
    settings = client.api.inspect_container(f"{name}-2")["NetworkSettings"]
    assert not any(settings.values())


def test_exposed_alone_is_not_published(
    client: DockerClient, docker: CommandLine, name: str
) -> None:
    docker("run", "-d", "--name", name, "--expose", "81", "busybox", "sleep", "600")
    assert docker("port", name).out == ""
    assert client.containers.get(name).ports == {"81/tcp": None}


def test_after_a_container_that_the_kernel_has_not_cleared_away(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    """Its card still answers at the address that the next container is given."""
    port = free(1)
    serve(docker, f"{name}-1", "-p", f"{port}:80", text="one")
    assert get(port) == "one"
    facts = client.containers.get(f"{name}-1").attrs
    address = facts["NetworkSettings"]["IPAddress"]
    with open(f"/proc/{facts['State']['Pid']}/ns/net"):  # as long as this is open, it is there
        docker("rm", "-f", f"{name}-1")
        serve(docker, f"{name}-2", "-p", f"{port}:80", text="two")
        assert client.containers.get(f"{name}-2").attrs["NetworkSettings"]["IPAddress"] == address
        assert get(port) == "two"


# ---- what may not


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("70000", "invalid containerPort: 70000"),
        ("80:70000", "invalid containerPort: 70000"),
        ("70000:80", "invalid hostPort: 70000"),
        ("abc:80", "invalid hostPort: abc"),
        ("80:abc", "invalid containerPort: abc"),
        ("80:", "o port specified: 80:<empty>"),
        ("1.2.3:80:80", "invalid IP address: 1.2.3"),
        ("localhost:80:80", "invalid IP address: localhost"),
        ("8000-8001:80-82", "invalid ranges specified for container and host Ports"),
        ("80:80/foo", "invalid proto: foo"),
    ],
)
def test_ports_that_cannot_be(docker: CommandLine, name: str, text: str, words: str) -> None:
    done = docker("run", "--name", name, "-p", text, "busybox", "true")
    assert done.code == 125
    assert words in done.err
    assert docker("inspect", name).code == 1


@pytest.mark.parametrize("key", ["70000/tcp", "abc/tcp", "-1/tcp"])
def test_ports_that_cannot_be_on_the_wire(client: DockerClient, name: str, key: str) -> None:
    import docker

    host = {"PortBindings": {key: [{"HostPort": "8080"}]}}
    with pytest.raises(docker.errors.APIError) as caught:
        client.api.create_container_from_config({"Image": "busybox", "HostConfig": host}, name)
    assert caught.value.status_code in (400, 500)


def test_a_port_that_another_container_has(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port, second = free(1), f"{name}-2"
    serve(docker, name, "-p", f"{port}:80")
    done = docker("run", "-d", "--name", second, "-p", f"{port}:80", "busybox", "sleep", "600")
    assert done.code == 125
    expected = (
        rf"driver failed programming external connectivity on endpoint {second} "
        rf"\([0-9a-f]{{64}}\): Bind for [\d.]+:{port} failed: port is already allocated"
    )
    assert re.search(expected, done.err)
    state = client.containers.get(second).attrs["State"]
    assert (state["Status"], state["ExitCode"]) == ("created", 128)
    assert "port is already allocated" in state["Error"]
    # It may have the port once the other one is gone.
    docker("rm", "-f", name)
    assert docker("start", second).code == 0
    assert client.containers.get(second).attrs["State"]["Error"] == ""


def test_a_port_that_another_program_has(docker: CommandLine, name: str) -> None:
    with socket.create_server(("0.0.0.0", 0)) as other:
        port = other.getsockname()[1]
        done = docker("run", "-d", "--name", name, "-p", f"{port}:80", "busybox", "true")
    assert done.code == 125
    assert "Error starting userland proxy: listen tcp4" in done.err
    assert "bind: address already in use" in done.err
    assert docker("inspect", name, "--format", "{{.State.Status}}").out == "created\n"


def test_one_taken_port_publishes_none(
    docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(2)
    with socket.create_server(("0.0.0.0", port + 1)):
        words = ["-p", f"{port}:80", "-p", f"{port + 1}:81"]
        assert docker("run", "-d", "--name", name, *words, "busybox", "true").code == 125
    assert is_free(port)


def test_an_address_that_the_host_has_not(docker: CommandLine, name: str) -> None:
    done = docker("run", "--name", name, "-p", "192.0.2.1:8080:80", "busybox", "true")
    assert done.code == 125
    assert "bind: cannot assign requested address" in done.err


def test_a_low_port_for_an_ordinary_user(docker: CommandLine, engine: Engine, name: str) -> None:
    if not engine.kind.endswith("-user"):
        pytest.skip("root may take any port")
    done = docker("run", "--name", name, "-p", "997:80", "busybox", "true")
    assert "cannot expose privileged port 997, choose a port number from 1024 up" in done.err


def test_the_engine_says_where_its_ports_are_open(client: DockerClient, engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine opens them to the whole network")
    assert any("127.0.0.1" in warning for warning in client.info()["Warnings"])


# ---- docker port


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("81", "Error: No public port '81' published for {name}"),
        ("80/udp", "Error: No public port '80/udp' published for {name}"),
    ],
)
def test_asking_for_a_port_that_is_not_published(
    docker: CommandLine, name: str, text: str, words: str
) -> None:
    docker("run", "-d", "--name", name, "-p", "80", "busybox", "sleep", "600")
    done = docker("port", name, text)
    assert done.code == 1
    assert words.format(name=name) in done.err


# ---- who is reached


def test_nobody_listens(docker: CommandLine, name: str, free: Callable[[int], int]) -> None:
    port = free(1)
    docker("run", "-d", "--name", name, "-p", f"{port}:80", "busybox", "sleep", "600")
    with pytest.raises((OSError, http.client.HTTPException)):
        get(port, seconds=0.5)


def test_without_p_nobody_gets_in(
    docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(1)
    serve(docker, name, port=str(port))
    with pytest.raises(OSError):
        get(port, seconds=0.5)


def test_a_program_that_listens_on_localhost(
    docker: CommandLine, engine: Engine, name: str, free: Callable[[int], int]
) -> None:
    port = free(1)
    serve(docker, name, "-p", f"{port}:80", port="127.0.0.1:80")
    if engine.kind == "proot-user":
        # The limitations say so: a container has one address there for inside and outside.
        assert get(port) == "hi"
        return
    with pytest.raises((OSError, http.client.HTTPException)):
        get(port, seconds=1)


def test_a_chosen_port_outlives_a_restart_and_a_free_one_is_drawn_anew(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(1)
    serve(docker, name, "-p", f"{port}:80", "-p", "81")
    docker("stop", "-t", "0", name)
    assert client.containers.get(name).ports == {}
    assert docker("port", name).out == ""
    docker("start", name)
    assert get(port) == "hi"
    ((_, drawn),) = published(client, name, "81/tcp")
    assert drawn != port


def test_the_port_is_free_after_the_end(
    docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(1)
    serve(docker, name, "-p", f"{port}:80")
    docker("rm", "-f", name)
    assert is_free(port)


def test_two_hundred_ports(
    client: DockerClient, docker: CommandLine, name: str, free: Callable[[int], int]
) -> None:
    port = free(200)
    serve(docker, name, "-p", f"{port}-{port + 199}:80-279", port="279")
    assert len(client.containers.get(name).ports) == 200
    assert get(port + 199) == "hi"
    docker("rm", "-f", name)
    assert is_free(port + 199)
