"""Compose beside the real ``docker compose``: up, nothing to do, down, requests by a port."""

from __future__ import annotations

import contextlib
import selectors
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engines import Engine
from measuring import SETTLE, Clients, Row, milliseconds
from projects import RealCompose, clear

import dockerlab
from dockerlab.client.compose.compose import Compose

IMAGES = ("busybox", "redis", "nginx")
REAL = "docker (real compose)"
NAME = "dlbench-compose"
MANY = (5, 10, 20)
REQUESTS = 3000
CONNECTIONS = 8
ROUNDS = 5
APP = """services:
  redis: {image: redis}
  app:
    image: busybox
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 8080; while :; do sleep 0.05; done"]
    depends_on: [redis]
    ports: ["18998:8080"]
"""
PAGES = 'services:\n  web: {image: nginx, ports: ["80"]}\n'
GOALS = {"up -d, redis + app": ">= 3x", "up, nothing to do": ">= 5x", "down": ">= 3x"}
Tool = tuple[Callable[[], object], Callable[[], object], Callable[[], object]]
"""up, again up, down."""


def all_rows(engines: dict[str, Engine], clients: Clients, rounds: int) -> list[Row]:
    for client in clients.values():
        clear(client, NAME)
    try:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            return [
                *up_and_down(engines, Path(folder), min(rounds, 7)),
                *linear(engines, Path(folder)),
                *request_rate(engines, Path(folder)),
            ]
    finally:
        for client in clients.values():
            clear(client, NAME)


def up_and_down(engines: dict[str, Engine], folder: Path, rounds: int) -> list[Row]:
    (folder / "compose.yaml").write_text(APP)
    tools = {kind: _ours(engine, folder) for kind, engine in engines.items() if engine.embedded}
    if "docker" in engines and shutil.which("docker"):
        tools = {REAL: _real(engines["docker"], folder), **tools}
    times: dict[str, dict[str, list[float]]] = {what: {k: [] for k in tools} for what in GOALS}
    for kind in tools:
        _round(tools[kind])
    for _ in range(rounds):
        for kind, tool in tools.items():
            for what, took in zip(GOALS, _round(tool), strict=True):
                times[what][kind].append(took)
    return [row for what in GOALS for row in _against(what, times[what])]


def _round(tool: Tool) -> list[float]:
    took = []
    for action in tool:
        time.sleep(SETTLE)
        took.append(milliseconds(action))
    return took


def _ours(engine: Engine, folder: Path) -> Tool:
    project = _project(engine, folder)
    return project.up, project.up, project.down


def _project(engine: Engine, folder: Path) -> Compose:
    with contextlib.redirect_stdout(None):
        return dockerlab.connect(engine.url).compose(folder, name=NAME)


def _real(engine: Engine, folder: Path) -> Tool:
    real = RealCompose(engine, folder, NAME)
    return lambda: real("up", "-d"), lambda: real("up", "-d"), lambda: real("down")


def _against(what: str, times: dict[str, list[float]]) -> Iterator[Row]:
    middle = {kind: sorted(each)[len(each) // 2] for kind, each in times.items()}
    base = middle.get(REAL)
    for kind, each in middle.items():
        ratio = f"{base / each:.1f}x faster" if base and kind != REAL else "–"
        goal = GOALS[what] if kind.startswith("namespaces") else ""
        yield what, kind, f"{each:.0f} ms", ratio, goal


def linear(engines: dict[str, Engine], folder: Path) -> list[Row]:
    """Milliseconds a service, of projects of more and more services."""
    rows: list[Row] = []
    for kind, engine in engines.items():
        if not engine.embedded:
            continue
        each: dict[int, float] = {}
        for count in MANY:
            services = "".join(
                f"  s{n}: {{image: busybox, command: [sleep, '1000']}}\n" for n in range(count)
            )
            (folder / "compose.yaml").write_text(f"services:\n{services}")
            project = _project(engine, folder)
            up = milliseconds(project.up)
            each[count] = (up + milliseconds(lambda p=project: p.down(timeout=0))) / count
        text = ", ".join(f"{count}: {took:.0f}" for count, took in each.items())
        grown = each[MANY[-1]] / each[MANY[0]]
        rows.append(("up + down, ms a service", kind, text, f"x{grown:.1f} at 20", "linear"))
    return rows


def request_rate(engines: dict[str, Engine], folder: Path) -> list[Row]:
    (folder / "compose.yaml").write_text(PAGES)
    projects = {kind: _project(engine, folder) for kind, engine in engines.items()}
    seen: dict[str, list[float]] = {kind: [] for kind in projects}
    try:
        for project in projects.values():
            project.up()
        for _ in range(ROUNDS):
            for kind, project in projects.items():
                host, _, port = project.port("web", 80).rpartition(":")
                seen[kind].append(_rate("127.0.0.1" if host == "0.0.0.0" else host, int(port)))
    finally:
        for project in projects.values():
            project.down(timeout=0)
    rates = {kind: statistics.median(each) for kind, each in seen.items()}
    base = rates.get("docker")
    return [
        (
            "requests/s by a published port",
            kind,
            f"{rate:.0f}",
            f"{rate / base:.1f}x" if base and kind != "docker" else "–",
            ">= 0.5x" if kind.startswith("namespaces") else "",
        )
        for kind, rate in rates.items()
    ]


def _rate(host: str, port: int) -> float:
    """Requests a second over a few connections that are kept, each with one request at a time."""
    _wait(host, port)
    ask = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as ready:
        for _ in range(CONNECTIONS):
            one = stack.enter_context(socket.create_connection((host, port), timeout=10))
            ready.register(one, selectors.EVENT_READ)
            one.sendall(ask)
        length = _length(host, port)
        got: dict[int, int] = {}
        done = 0
        begun = time.perf_counter()
        while done < REQUESTS:
            for key, _ in ready.select(10):
                got[key.fd] = got.get(key.fd, 0) + len(key.fileobj.recv(65536))  # type: ignore[union-attr]
                if got[key.fd] >= length:
                    got[key.fd] -= length
                    done += 1
                    key.fileobj.sendall(ask)  # type: ignore[union-attr]
        return REQUESTS / (time.perf_counter() - begun)


def _length(host: str, port: int) -> int:
    """Bytes of one answer, head and all."""
    with socket.create_connection((host, port), timeout=10) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += one.recv(65536)
        head = answer.partition(b"\r\n\r\n")[0]
        lines = head.decode("latin1").lower().splitlines()
        body = next(line for line in lines if line.startswith("content-length:"))
        return len(head) + 4 + int(body.partition(":")[2])


def _wait(host: str, port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            _length(host, port)
            return
        except (OSError, StopIteration):
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
