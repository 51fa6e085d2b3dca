"""Commands that look into containers: inspect, logs, top, stats, port, diff."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dockerlab.client.explain import explained
from dockerlab.client.sessions import Frames, request
from dockerlab.client.system import moment
from dockerlab.errors import CommandError, EngineRefused
from dockerlab.formats.resources import Change, ContainerRecord, StatsRecord
from dockerlab.formats.template import render
from dockerlab.formats.text import binary_size, columns, short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

Look = Callable[[str], Any]


def inspect(call: Invocation) -> int:
    """Whatever has the name: container, image, network or volume, in docker's order."""
    kinds = _looks(call)
    wanted = call.command.text("type")
    if wanted and wanted not in kinds:
        raise CommandError(
            f'"{wanted}" is not a valid value for --type', f"one of {', '.join(kinds)}"
        )
    looks = [kinds[wanted]] if wanted else list(kinds.values())
    return _inspect(call, looks, lambda name: f"Error: No such {wanted or 'object'}: {name}")


def _looks(call: Invocation) -> dict[str, Look]:
    api = call.api
    return {
        "container": lambda name: _container(call, name),
        "image": api.inspect_image,
        "network": api.inspect_network,
        "volume": api.inspect_volume,
    }


def _container(call: Invocation, name: str) -> Any:
    size = {"size": 1} if call.command.on("size") else {}
    return request(call.api, "GET", "/containers/{0}/json", name, params=size).json()


def inspect_kind(kind: str) -> Callable[[Invocation], int]:
    """``docker KIND inspect``."""

    def run(call: Invocation) -> int:
        return _inspect(call, [_looks(call)[kind]], None)

    return run


def _inspect(call: Invocation, looks: Sequence[Look], missing: Callable[[str], str] | None) -> int:
    found: list[Any] = []
    errors: list[tuple[str, str]] = []
    for name in call.words:
        try:
            found.append(_first(looks, name))
        except EngineRefused as error:
            own = missing and error.status == 404
            text = missing(name) if own and missing else f"Error response from daemon: {error}"
            errors.append((text, "docker ps -a and docker images list names" if own else ""))
    _print_facts(call, found)
    for text, hint in errors:
        call.output.error(text, hint)
    return 1 if errors else 0


def _first(looks: Sequence[Look], name: str) -> Any:
    for look in looks[:-1]:
        try:
            with explained():
                return look(name)
        except EngineRefused as error:
            if error.status != 404:
                raise
    with explained():
        return looks[-1](name)


def _print_facts(call: Invocation, found: list[Any]) -> None:
    template = call.command.text("format")
    if template == "json":
        call.output.line(json.dumps(found, ensure_ascii=False))
    elif template:
        for facts in found:
            call.output.line(render(template, facts))
    else:
        call.output.line(json.dumps(found, indent=4, ensure_ascii=False))


def logs(call: Invocation) -> int:
    """A container's output; with ``-f`` until it ends or the cell is interrupted."""
    command, name = call.command, call.words[0]
    facts = call.api.inspect_container(name)
    query: dict[str, Any] = {"stdout": 1, "stderr": 1, "tail": command.text("tail", "all")}
    for flag in ("since", "until"):
        if flag in command.flags:
            query[flag] = f"{_moment(command.text(flag)):.9f}"
    if command.on("follow"):
        query["follow"] = 1
    if command.on("timestamps"):
        query["timestamps"] = 1
    response = request(call.api, "GET", "/containers/{0}/logs", name, params=query)
    frames = Frames(tty=bool(facts["Config"]["Tty"]))
    with response:
        for data in response.iter_content(65536):
            for stream, piece in frames.feed(data):
                call.output.data(stream, piece.replace(b"\r\n", b"\n"))
    return 0


def _moment(text: str) -> float:
    try:
        return moment(text)
    except ValueError as error:
        raise CommandError(str(error), "or a time as 2026-01-02T15:04:05Z") from None


def top(call: Invocation) -> int:
    """The processes, as the host sees them."""
    name, *options = call.words
    answer = call.api.top(name, " ".join(options) or None)
    call.output.line(columns(answer["Titles"], answer["Processes"] or [], minimum=20))
    return 0


_STATS = [
    ("CONTAINER ID", "ID"),
    ("NAME", "Name"),
    ("CPU %", "CPUPerc"),
    ("MEM USAGE / LIMIT", "MemUsage"),
    ("MEM %", "MemPerc"),
    ("NET I/O", "NetIO"),
    ("BLOCK I/O", "BlockIO"),
    ("PIDS", "PIDs"),
]


def stats(call: Invocation) -> int:
    """What containers use; without ``--no-stream`` again and again until interrupted."""
    while True:
        names = call.words or _running(call)
        rows = [
            _stats_row(one, whole=call.command.on("no-trunc")) for one in _measured(call, names)
        ]
        show(call, _STATS, rows)
        if call.command.on("no-stream") or not names:
            return 0
        call.output.line()


def _measured(call: Invocation, names: Sequence[str]) -> list[StatsRecord]:
    """All at once: the engine takes one to two seconds for each, to see what is used in between."""
    with ThreadPoolExecutor(max_workers=max(1, min(8, len(names)))) as pool:
        found = list(pool.map(lambda name: call.api.stats(name, stream=False), names))
    return [StatsRecord.of(facts) for facts in found]


def _running(call: Invocation) -> list[str]:
    found = call.api.containers(all=call.command.on("all"))
    return [ContainerRecord.of(item).id for item in found]


def _stats_row(record: StatsRecord, *, whole: bool) -> Row:
    return {
        "Container": record.id if whole else short_id(record.id),
        "ID": record.id if whole else short_id(record.id),
        "Name": record.name,
        "CPUPerc": f"{record.cpu:.2f}%",
        "MemUsage": f"{binary_size(record.memory)} / {binary_size(record.memory_limit)}",
        "MemPerc": f"{record.memory_share:.2f}%",
        "NetIO": f"{size(record.network_in)} / {size(record.network_out)}",
        "BlockIO": f"{size(record.block_read)} / {size(record.block_written)}",
        "PIDs": str(record.processes),
    }


def port(call: Invocation) -> int:
    """The published ports of a container, or where one of them is."""
    name, *wanted = call.words
    ports = call.api.inspect_container(name)["NetworkSettings"].get("Ports") or {}
    if wanted:
        key = wanted[0] if "/" in wanted[0] else f"{wanted[0]}/tcp"
        found = ports.get(key)
        if not found:
            call.output.error(f"Error: No public port '{key}' published for {name}")
            return 1
        lines = [_address(host) for host in found]
    else:
        lines = [f"{key} -> {_address(h)}" for key in sorted(ports) for h in ports[key] or ()]
    for line in lines:
        call.output.line(line)
    return 0


def _address(host: dict[str, str]) -> str:
    address = host.get("HostIp", "")
    return f"[{address}]:{host['HostPort']}" if ":" in address else f"{address}:{host['HostPort']}"


def diff(call: Invocation) -> int:
    """Files added (A), changed (C) and deleted (D) since the image."""
    for change in map(Change.of, call.api.diff(call.words[0]) or ()):
        call.output.line(f"{change.kind} {change.path}")
    return 0


COMMANDS: Commands = {
    "inspect": inspect,
    "container inspect": inspect_kind("container"),
    "image inspect": inspect_kind("image"),
    "volume inspect": inspect_kind("volume"),
    "network inspect": inspect_kind("network"),
    "logs": logs,
    "top": top,
    "stats": stats,
    "port": port,
    "diff": diff,
}
