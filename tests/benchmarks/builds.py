"""How fast builds are: all from the cache, all anew, many files, few changes in a large image."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import tarfile
import uuid
from pathlib import Path

import docker
from buildlab import context
from docker.client import DockerClient
from measuring import Clients, Row, against_docker, goals, interleaved

IMAGES = ("busybox", "node")
APP = Path(__file__).resolve().parents[2] / "notebooks" / "apps" / "node-app"
TWELVE = """FROM busybox
LABEL dlbench=1
ENV A=1
WORKDIR /app
COPY a ./
RUN echo 1 > 1
COPY b ./
RUN echo 2 > 2
EXPOSE 80
USER 1000
STOPSIGNAL INT
CMD ["sh"]
"""
NODE = """FROM node
LABEL dlbench=1
WORKDIR /app
COPY package*.json ./
RUN npm install
COPY . .
CMD ["node", "index.js"]
"""
MANY = "FROM busybox\nLABEL dlbench=1\nCOPY . /app\n"
THREE = "echo 1 > /etc/one; echo 2 > /usr/two; echo 3 >> /etc/passwd"


def all_rows(clients: Clients, rounds: int) -> list[Row]:
    try:
        return [
            *twelve_steps(clients, rounds),
            *many_files(clients, min(rounds, 5)),
            *many_files(clients, min(rounds, 5), touched=True),
            *node_app(clients, min(rounds, 5)),
            *small_run(clients, rounds),
            *small_commit(clients, rounds),
        ]
    finally:
        for client in clients.values():
            clear(client)


def twelve_steps(clients: Clients, rounds: int) -> list[Row]:
    """Nothing has changed since the build before."""
    body = context({"Dockerfile": TWELVE, "a": "a", "b": "b"})
    actions = {kind: functools.partial(build, client, body) for kind, client in clients.items()}
    times = interleaved(actions, rounds)
    return against_docker("cached rebuild, 12 steps", times, goals(clients, ">= 3x"))


def many_files(clients: Clients, rounds: int, *, touched: bool = False) -> list[Row]:
    """Nothing has changed, or only the time of a file: other bytes are sent, the same count."""
    files = {f"d{n % 100}/f{n}": f"{n}\n" * 10 for n in range(10_000)}
    rest = context({"Dockerfile": MANY, **files})
    actions = {}
    for kind, client in clients.items():
        bodies = (touched_file(n if touched else 0) + rest for n in itertools.count())
        actions[kind] = lambda client=client, bodies=bodies: build(client, next(bodies))
    what = "cached rebuild, 10,000 files" + (", one touched" if touched else "")
    return against_docker(what, interleaved(actions, rounds), goals(clients, ">= 1x"))


def touched_file(mtime: int) -> bytes:
    """The beginning of an archive: an empty file of that time."""
    header = tarfile.TarInfo("touched")
    header.mtime = mtime
    return header.tobuf()


def node_app(clients: Clients, rounds: int) -> list[Row]:
    """Nothing from the cache; npm finds its packages in the image."""
    files = {path.name: path.read_bytes() for path in sorted(APP.iterdir()) if path.is_file()}
    body = context({**files, "Dockerfile": NODE})
    actions = {
        kind: functools.partial(build, client, body, nocache=True)
        for kind, client in clients.items()
    }
    return against_docker(
        "cold build, Node app", interleaved(actions, rounds), goals(clients, ">= 1x")
    )


def small_run(clients: Clients, rounds: int) -> list[Row]:
    """A whole build with one RUN that changes three files of a large image."""
    body = context({"Dockerfile": f"FROM node\nLABEL dlbench=1\nRUN {THREE}\n"})
    actions = {
        kind: functools.partial(build, client, body, nocache=True)
        for kind, client in clients.items()
    }
    times = interleaved(actions, rounds)
    return against_docker("build, RUN of 3 files on node", times, {})


def small_commit(clients: Clients, rounds: int) -> list[Row]:
    """The commit alone."""
    with contextlib.ExitStack() as stack:
        actions = {}
        for kind, client in clients.items():
            name = f"dlbench-{uuid.uuid4().hex[:8]}"
            box = client.containers.create("node", ["sh", "-c", THREE], name=name)
            stack.callback(box.remove, force=True)
            box.start()
            box.wait()
            actions[kind] = functools.partial(
                client.api.commit, box.id, changes=["LABEL dlbench=1"]
            )
        times = interleaved(actions, rounds)
    return against_docker("commit, 3 files of 142 MB", times, goals(clients, "< 300 ms"))


def build(client: DockerClient, body: bytes, **options: object) -> None:
    """Build to the end. Raises RuntimeError when it fails."""
    lines = client.api.build(
        fileobj=io.BytesIO(body),
        custom_context=True,
        rm=True,
        forcerm=True,
        tag="dlbench-built",
        decode=True,
        **options,
    )
    for line in lines:
        if "error" in line:
            raise RuntimeError(json.dumps(line))


def clear(client: DockerClient) -> None:
    """Remove all that the builds made."""
    with contextlib.suppress(docker.errors.ImageNotFound):
        client.images.remove("dlbench-built", force=True)
    for image in client.api.images(all=True, filters={"label": "dlbench"}):
        with contextlib.suppress(docker.errors.APIError):
            client.api.remove_image(image["Id"], force=True)
