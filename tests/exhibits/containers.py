"""A run, a life, walls, an image, a weight, ports and mounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.formats.layers import stacked
from dockerlab.formats.mounts import Mount, MountMap
from dockerlab.formats.ports import Port, PortMap
from dockerlab.formats.reports import (
    NAMESPACES,
    Entry,
    Footprint,
    ImageReport,
    IsolationReport,
    Layer,
    Limit,
    Namespace,
)
from dockerlab.formats.story import TRANSITIONS, Event, Request, RunStory, Step
from dockerlab.views import LifeView, show

ID = "3f" * 32
RUN = RunStory(
    "alpine",
    ("echo", "hello"),
    ("/bin/sh",),
    ("echo", "hello"),
    "Docker Engine 29.1",
    (
        Request("POST", "/containers/create", 404, 1, 1),
        Request("POST", "/images/create?fromImage=alpine&tag=latest", 200, 2, 3),
        Request("POST", "/containers/create", 201, 5, 9),
        Request("POST", f"/containers/{ID}/attach?stdout=1&stream=1", 101, 15, 1),
        Request("POST", f"/containers/{ID}/start", 204, 17, 200),
        Request("POST", f"/containers/{ID}/wait", 200, 220, 20),
        Request("DELETE", f"/containers/{ID}?v=True", 204, 241, 5),
    ),
    (Event("container", "start", "brave_name", 150), Event("container", "die", "brave_name", 230)),
    cached=False,
    pulled=("l1", "l2"),
    layers=2,
    size=7_800_000,
    files=("bin", "etc", "usr"),
    container=ID[:12],
    output="hello\n",
    exit_code=0,
    removed=True,
)


class Moving:
    """A life whose buttons act, on nothing but itself."""

    name = "web"
    can_create = True

    def __init__(self) -> None:
        self.state: Any = "paused"
        self.history: tuple[Step, ...] = (
            Step("create", "absent", "created", 0),
            Step("start", "created", "running", 40),
            Step("pause", "running", "paused", 900),
        )
        self._listeners: list[Callable[[Any], None]] = []

    def listen(self, listener: Callable[[Any], None]) -> None:
        self._listeners.append(listener)

    def do(self, action: str) -> None:
        after = TRANSITIONS[self.state][action]  # type: ignore[index]
        at = self.history[-1].at + 700
        self.history += (Step(action, self.state, after, at),)  # type: ignore[arg-type]
        self.state = after
        for listener in self._listeners:
            listener(self)


WALLS = IsolationReport(
    "web",
    "alpine",
    "Docker Engine 29.1",
    tuple(
        Namespace(kind, 4026531800 + n, 4026531800 + n + (0 if kind == "user" else 500))
        for n, kind in enumerate(NAMESPACES)
    ),
    (
        Limit("memory", 64 << 20, 64 << 20, "in-force"),
        Limit("cpu", 0.5, 0, "refused"),
        Limit("pids", 0, None, "free"),
    ),
    "machine",
    "3f3f3f3f3f3f",
    102,
    1,
    "6.1.0",
)
IMAGE = ImageReport(
    "redis",
    "cf7188d00f37",
    20_292_878,
    "linux/amd64",
    ("docker-entrypoint.sh",),
    ("redis-server", "--save", "60 1"),
    ("PATH=/usr/local/bin:/usr/bin:/bin",),
    ("6379/tcp",),
    "/data",
    layers=(Layer("ADD rootfs", 4_000_000), Layer("EXPOSE 6379", 0), Layer("COPY x", 12)),
    entries=(
        Entry("bin", 0, 0, "link", "usr/bin"),
        Entry("etc", 300, 1),
        Entry("init", 5, 1, "file"),
        Entry("usr", 20_000_000, 300),
        Entry("usr/bin", 5_000_000, 200),
    ),
)
WEIGHT = Footprint("busybox", "Docker", (200.0, 168.6, 170.0), 778_240, 2_000_000, "6.1", "6.1")
PORTS = PortMap(
    (
        Port("web", 80, "tcp", "published", "", 8080, "http://127.0.0.1:8080/", True),
        Port("web", 81, "tcp", "published", "127.0.0.1", 8081, "/hub/proxy/8081/", False),
        Port("web", 82, "tcp", "published", "", 8082, "http://127.0.0.1:8082/", True, local=True),
        Port("web", 53, "udp", "published", "10.0.0.1", 53),
        Port("app", 3000, "tcp", "listening", listening=True),
        Port("app", 4000, "tcp", "exposed", listening=False),
        Port("near", 22, "tcp", "shared", "", 22, "http://127.0.0.1:22/"),
    ),
    ("app", "near", "silent", "web"),
)
MOUNTS = MountMap(
    "web",
    stacked("app:1", "i", [{"created_by": "base"}], []),
    (
        Mount("/app", "bind", "/home/kim/" + "long/" * 30 + "app"),
        Mount("/app/node_modules", "anonymous", "f" * 64),
        Mount("/data", "volume", "notes", writable=False),
        Mount("/scratch", "tmpfs"),
        Mount("/var/log", "anonymous", "e" * 64, image=True),
    ),
    (),
    "/app",
)
EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "run": lambda lang: show(RUN, lang),
    "life": lambda lang: LifeView(Moving(), lang),
    "walls": lambda lang: show(WALLS, lang),
    "image": lambda lang: show(IMAGE, lang),
    "weight": lambda lang: show(WEIGHT, lang, apps=3),
    "ports": lambda lang: show(PORTS, lang),
    "mounts": lambda lang: show(MOUNTS, lang),
}
