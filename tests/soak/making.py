"""What clients do with images, volumes, networks, ports and projects."""

from __future__ import annotations

import http.client
import time
from contextlib import suppress

import docker
from beliefs import GONE
from client import Client, Failed, expect

from dockerlab.client.lab import Lab

SERVE = "mkdir /www; echo {text} > /www/index.html; httpd -f -p 80 -h /www"
PROJECT = """
services:
  web:
    image: busybox
    command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]
    volumes: [data:/data]
  worker:
    image: busybox
    command: ["sleep", "3600"]
    stop_grace_period: 0s
    depends_on: [web]
volumes:
  data:
"""


def build(me: Client) -> None:
    context = _context(me, "FROM alpine\nCOPY text /a\nRUN cat /a > /b\nCMD cat /b\n")
    with me.beliefs.changing("image", me.new(), "there") as tag:
        me.cli("build", "-q", "-t", tag, context)
    name = me.new()
    me.beliefs.may_be("container", name, "created", "running", "exited", GONE)
    expect(me.cli("run", "--name", name, tag).strip(), (me.folder / "text").read_text())
    me.beliefs.may_be("container", name, "exited")
    me.remove("container", name)
    me.remove("image", tag)


def leave_a_build(me: Client) -> None:
    context = _context(me, "FROM alpine\nCOPY text /a\nRUN echo begun; sleep 5\n")
    with me.open("build", context) as process:
        for line in process.stdout:  # type: ignore[union-attr]
            if line == "begun\n":
                break


def _context(me: Client, dockerfile: str) -> str:
    (me.folder / "Dockerfile").write_text(dockerfile)
    (me.folder / "text").write_text(me.new())
    return str(me.folder)


def commit(me: Client) -> None:
    name = me.running()
    with me.beliefs.changing("image", me.new(), "there") as tag:
        me.cli("commit", name, tag)
    me.remove("image", tag)


def keep_in_a_volume(me: Client) -> None:
    with me.beliefs.changing("volume", me.new(), "there") as volume:
        me.cli("volume", "create", volume)
    for command, wanted in ((f"echo {volume} > /v/text", ""), ("cat /v/text", f"{volume}\n")):
        name = me.new()
        me.beliefs.may_be("container", name, "created", "running", "exited", GONE)
        me.cli("create", "--name", name, "-v", f"{volume}:/v", "alpine", "sh", "-c", command)
        expect(me.cli("start", "-a", name), wanted)
        me.beliefs.may_be("container", name, "exited")
        me.remove("container", name)
    me.remove("volume", volume)


def publish(me: Client) -> None:
    command = SERVE.format(text="$HOSTNAME")
    name = me.started("-p", "127.0.0.1::80", image="busybox", command=command)
    facts = me.docker.api.inspect_container(name)
    port = int(facts["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"])
    for _ in range(3):
        expect(_page(port), facts["Config"]["Hostname"])
    me.remove("container", name)


def _page(port: int, seconds: float = 30) -> str:
    """What is answered, once there is an answer."""
    end = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode().strip()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > end:
                raise Failed(f"port {port} does not answer: {error!r}") from error
            time.sleep(0.05)
        finally:
            connection.close()


def connect(me: Client) -> None:
    """A server is found by its name in a network of its own, and no longer after it has left."""
    with me.beliefs.changing("network", me.new(), "there") as network:
        me.cli("network", "create", network)
    server = me.started("--network", network, image="busybox", command=SERVE.format(text=network))
    friend = me.started()
    me.cli("network", "connect", network, friend)
    fetch = f"for n in $(seq 100); do wget -qO- http://{server} && exit; sleep 0.1; done; exit 9"
    expect(me.cli("exec", friend, "sh", "-c", fetch), f"{network}\n")
    me.cli("network", "disconnect", network, friend)
    me.cli("exec", friend, "wget", "-qO-", f"http://{server}", code=1)
    me.remove("container", server)
    me.remove("container", friend)
    me.remove("network", network)


def compose(me: Client) -> None:
    project = me.new()
    for name in (f"{project}-web-1", f"{project}-worker-1"):
        me.beliefs.may_be("container", name, "created", "running", "exited", GONE)
    me.beliefs.may_be("network", f"{project}_default", "there", GONE)
    me.beliefs.may_be("volume", f"{project}_data", "there", GONE)
    composed = Lab(me.docker, me.url, "the soak").compose(PROJECT, name=project)
    composed.up()
    states = sorted(c.state for one in composed.state() for c in one.containers)
    expect(states, ["running", "running"])
    composed.down(volumes=True)
    for kind in ("container", "network", "volume"):
        for name in list(me.beliefs.present(kind)):
            if name.startswith(project):
                me.beliefs.may_be(kind, name, GONE)


def export(me: Client) -> None:
    """Leave in the middle of what the engine sends."""
    with suppress(docker.errors.NotFound):
        parts = me.docker.api.export(me.running(), chunk_size=1000)
        next(iter(parts))
        parts.close()


ACTIONS = {
    action.__name__: action
    for action in (
        build,
        leave_a_build,
        commit,
        keep_in_a_volume,
        publish,
        connect,
        compose,
        export,
    )
}
