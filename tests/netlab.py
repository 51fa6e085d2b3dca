"""Scenes for test_net_home.py, each a process of its own: entering namespaces is for good.

``python netlab.py SCENE ROOT`` prints what it found as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path

from dockerlab.engine.events import Events
from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.net.networks import Networks
from dockerlab.engine.net.ports import Ports
from dockerlab.engine.run import home, kernel


def container(keeper: Keeper, networks: Networks, name: str) -> tuple[int, str]:
    """A process in a network namespace of its own that answers on port 80: pid, address."""
    place = networks.allocate(name, "bridge", name=name)
    card = place.interfaces[0]
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _be_container(theirs, name, card)
    theirs.close()
    ours.recv(1)
    netns = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    keeper.veth(card["bridge"], f"veth{name}", card["mac"], card["address"], netns, card["name"])
    os.close(netns)
    ours.send(b"x")
    if ours.recv(1) != b"y":
        raise RuntimeError("the container did not come up")
    return pid, place.address


def _be_container(channel: socket.socket, name: str, card: dict[str, str]) -> None:
    try:
        os.setsid()
        kernel.unshare(kernel.CLONE_NEWNET)
        channel.send(b"x")
        channel.recv(1)
        netlink.link_up("lo")
        netlink.add_address(card["name"], card["address"])
        netlink.link_up(card["name"])
        netlink.add_route(card["gateway"])
        server = socket.create_server(("0.0.0.0", 80))
        channel.send(b"y")
        for fd in (0, 1, 2):  # the test waits for the end of our output
            os.close(fd)
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("0.0.0.0", 53))
        while True:
            ready, _, _ = select.select([server, datagrams], [], [])
            if server in ready:
                client, peer = server.accept()
                client.sendall(f"{name} {peer[0]}\n".encode())
                client.close()
            if datagrams in ready:
                data, source = datagrams.recvfrom(100)
                datagrams.sendto(data.upper(), source)
    finally:
        os._exit(1)


def from_inside(pid: int, address: str, port: int) -> str:
    """What the container ``pid`` gets when it connects somewhere."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        answer = "?"
        try:
            netns = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
            kernel.setns(netns, kernel.CLONE_NEWNET)
            with socket.create_connection((address, port), 0.5) as sock:
                answer = sock.recv(100).decode()
        except OSError as error:
            answer = type(error).__name__
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with open(reader) as file:
        return file.read()


async def through_port(keeper: Keeper, address: str) -> tuple[str, str, bool]:
    """The container's answers on a TCP and a UDP port; whether they were closed afterwards."""
    ports = Ports(keeper)
    published = await ports.publish("c", {"80/tcp": [{}], "53/udp": [{}]}, address)
    port, udp = (int(published[name][0]["HostPort"]) for name in ("80/tcp", "53/udp"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = (await asyncio.wait_for(reader.read(), 5)).decode()
    writer.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect(("127.0.0.1", udp))
        sock.send(b"hello")
        loop = asyncio.get_running_loop()
        datagram = (await asyncio.wait_for(loop.sock_recv(sock, 100), 5)).decode()
    ports.close()
    await asyncio.sleep(0)
    with socket.socket() as sock:
        return answer, datagram, sock.connect_ex(("127.0.0.1", port)) != 0


def live(root: Path) -> dict[str, object]:
    """A whole life: two containers, their network, a published port, an orderly end."""
    before = os.readlink("/proc/self/ns/net")
    here = home.enter(root)
    assert here.keeper is not None
    networks = Networks(root, Events(), here.keeper)
    (a, address_a), (b, address_b) = (container(here.keeper, networks, n) for n in "ab")
    try:
        return {
            "kind": here.kind,
            "uid": os.getuid(),
            "single": here.single_uid,
            "rejoined": here.rejoined,
            "same network": os.readlink("/proc/self/ns/net") == before,
            "folder kept": os.getcwd() == os.environ["PWD"],
            "a to b": from_inside(a, address_b, 80),
            "b to gateway": from_inside(b, "172.17.0.1", 80),
            "a outside": from_inside(a, "192.0.2.1", 80),
            "port": asyncio.run(through_port(here.keeper, address_a)),
        }
    finally:
        for pid in (a, b):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        here.leave()


def die(root: Path) -> dict[str, object]:
    """Start a container and be killed."""
    here = home.enter(root)
    assert here.keeper is not None
    pid, _ = container(here.keeper, Networks(root, Events(), here.keeper), "a")
    print(json.dumps({"container": pid, "mnt": os.readlink("/proc/self/ns/mnt")}), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def back(root: Path) -> dict[str, object]:
    """The engine after the one that was killed; ends container and network."""
    here = home.enter(root)
    assert here.keeper is not None
    networks = Networks(root, Events(), here.keeper)
    place = networks.current("a")
    assert place is not None
    try:
        return {
            "rejoined": here.rejoined,
            "uid": os.getuid(),
            "mnt": os.readlink("/proc/self/ns/mnt"),
            "port": asyncio.run(through_port(here.keeper, place.address))[0],
        }
    finally:
        os.kill(int(os.environ["CONTAINER"]), signal.SIGKILL)
        here.leave()


def mount(root: Path) -> dict[str, object]:
    """Mount something in the engine's namespace and tell whether it is seen there."""
    here = home.enter(root)
    target = root / "mounted"
    target.mkdir()
    kernel.attach(kernel.new_mount("tmpfs"), str(target))
    (target / "file").touch()
    here.leave()
    return {"seen": str(target) in Path("/proc/self/mountinfo").read_text()}


SCENES = {"live": live, "die": die, "back": back, "mount": mount}

if __name__ == "__main__":
    print(json.dumps(SCENES[sys.argv[1]](Path(sys.argv[2]))), flush=True)
