"""Commands that look at projects: ps, ls, images, top, port, config, version."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dockerlab
from dockerlab.client.compose.compose import Compose
from dockerlab.client.compose.looking.labels import FILES, FOLLOWED, PROJECT, SERVICE
from dockerlab.client.containers import shown_image
from dockerlab.errors import CommandError
from dockerlab.formats.resources import ContainerRecord, port_text
from dockerlab.formats.text import age, columns, ellipsis, quoted
from dockerlab.magics.commands.compose.project import number, opened
from dockerlab.magics.invocation import Handler, Invocation
from dockerlab.magics.listing import Row, show

_PS = [
    ("NAME", "Name"),
    ("IMAGE", "Image"),
    ("COMMAND", "Command"),
    ("SERVICE", "Service"),
    ("CREATED", "RunningFor"),
    ("STATUS", "Status"),
    ("PORTS", "Ports"),
]


def ps(call: Invocation) -> int:
    """The project's containers, the running ones unless ``-a`` or a state is asked for."""
    command = call.command
    project = opened(call, quiet=True)
    wanted = _states(call)
    found = project.ps(*call.words, all=command.on("all") or bool(wanted))
    records = [one for one in found if not wanted or one.state in wanted]
    if command.on("services"):
        names = dict.fromkeys(_service(one) for one in records)
        _lines(call, names)
        return 0
    if command.text("format") == "json":
        for one in records:
            facts = dict(_row(call, one)) | {"ExitCode": _code(one), "Publishers": _ports(one)}
            call.output.line(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))
        return 0
    if command.on("quiet"):
        _lines(call, (one.id for one in records))
        return 0
    return show(call, _PS, [_row(call, one) for one in records])


def _states(call: Invocation) -> set[str]:
    wanted = set(call.command.many("status"))
    for key, values in call.filters().items():
        if key != "status":
            raise CommandError(f"unknown filter {key}", "as in --filter status=running")
        wanted |= set(values)
    return wanted


def _service(record: ContainerRecord) -> str:
    return dict(record.labels).get(SERVICE, "")


def _row(call: Invocation, one: ContainerRecord) -> Row:
    whole = call.command.on("no-trunc")
    health = re.search(r"\((healthy|unhealthy|health: starting)\)", one.status)
    return {
        "Command": quoted(one.command if whole else ellipsis(one.command, 20)),
        "CreatedAt": dt.datetime.fromtimestamp(one.created, dt.UTC).strftime(
            "%Y-%m-%d %H:%M:%S +0000 UTC"
        ),
        "Health": health.group(1).removeprefix("health: ") if health else "",
        "ID": one.id if whole else one.id[:12],
        "Image": shown_image(one),
        "Labels": ",".join(f"{key}={value}" for key, value in one.labels),
        "LocalVolumes": str(len(one.mounts)),
        "Mounts": ",".join(one.mounts),
        "Name": one.name,
        "Names": one.name,
        "Networks": ",".join(one.networks),
        "Ports": port_text(one.ports),
        "Project": dict(one.labels).get(PROJECT, ""),
        "RunningFor": age(one.created, time.time()),
        "Service": _service(one),
        "State": one.state,
        "Status": one.status,
    }


def _code(record: ContainerRecord) -> int:
    found = re.match(r"Exited \((-?\d+)\)", record.status)
    return int(found.group(1)) if found else 0


def _ports(record: ContainerRecord) -> list[dict[str, Any]]:
    return [
        {
            "URL": port.address,
            "TargetPort": port.private,
            "PublishedPort": port.public or 0,
            "Protocol": port.protocol,
        }
        for port in record.ports
    ]


def ls(call: Invocation) -> int:
    """The projects that have containers: running ones, with ``-a`` stopped ones too."""
    command = call.command
    every = call.api.containers(all=True, filters={"label": PROJECT})
    projects: dict[str, list[Any]] = {}
    for one in every:
        projects.setdefault(one["Labels"][PROJECT], []).append(one)
    names = call.filters().get("name", [])
    rows: list[Row] = []
    for name, containers in sorted(projects.items()):
        states = Counter(str(one["State"]) for one in containers)
        if not command.on("all") and not states["running"]:
            continue
        if names and not any(wanted in name for wanted in names):
            continue
        status = ", ".join(f"{state}({count})" for state, count in sorted(states.items()))
        files = dict.fromkeys(one["Labels"].get(FILES, "") for one in containers)
        rows.append({"Name": name, "Status": status, "ConfigFiles": ",".join(filter(None, files))})
    if command.on("quiet"):
        _lines(call, (row["Name"] for row in rows))
    elif command.text("format") == "json":
        call.output.line(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
    else:
        body = [list(row.values()) for row in rows]
        call.output.line(columns(["NAME", "STATUS", "CONFIG FILES"], body, minimum=20))
    return 0


def images(call: Invocation) -> int:
    found = opened(call, quiet=True).images(*call.words)
    names = ("ContainerName", "Repository", "Tag", "ID", "Size")
    if call.command.on("quiet"):
        _lines(call, dict.fromkeys(row[3] for row in found))
    elif call.command.text("format") == "json":
        rows = [dict(zip(names, row, strict=True)) for row in found]
        call.output.line(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
    else:
        call.output.line(columns(found.header, found, minimum=20))
    return 0


def top(call: Invocation) -> int:
    """The processes of each container, under its name."""
    project = opened(call, quiet=True)
    for one in project.ps(*call.words):
        answer = call.api.top(one.id)
        call.output.line(one.name)
        call.output.line(columns(answer["Titles"], answer["Processes"] or [], minimum=5))
        call.output.line()
    return 0


def port(call: Invocation) -> int:
    service, private = call.words
    command = call.command
    found = opened(call, quiet=True).port(
        service,
        number(private, "port"),
        protocol=command.text("protocol", "tcp"),
        index=int(command.get("index", 1)),
    )
    call.output.line(found)
    return 0


def config(call: Invocation) -> int:
    """The compose file as it counts, or some of its names."""
    command = call.command
    project = opened(call)
    names = _names(call, project)
    if names is not None:
        _lines(call, names)
        return 0
    if call.words:
        raise CommandError(
            "the config of single services is not supported here", "leave their names out"
        )
    text = project.config(command.text("format", "yaml"))
    if command.on("quiet"):
        return 0
    target = command.text("output")
    if not target:
        call.output.line(text.rstrip("\n"))
        return 0
    try:
        Path(target).expanduser().write_text(text)
    except OSError as error:
        raise CommandError(f"open {target}: {error.strerror}", "choose another path") from None
    return 0


def _names(call: Invocation, project: Compose) -> Iterable[str] | None:
    """What ``--services`` and its like list; None when the whole is wanted."""
    command, found = call.command, project.project
    if command.on("services"):
        return found.services
    if command.on("volumes"):
        return found.volumes
    if command.on("images"):
        return sorted(one.image_name for one in found.services.values())
    if command.on("profiles"):
        every = (*found.services.values(), *found.disabled.values())
        return sorted({profile for one in every for profile in one.profiles})
    if "hash" in command.flags:
        wanted = command.text("hash")
        names = list(found.services) if wanted == "*" else wanted.split(",")
        unknown = [name for name in names if name not in found.services]
        if unknown:
            raise CommandError(f"no such service: {unknown[0]}", "config --services lists them")
        return [f"{name} {found.services[name].printed_hash}" for name in names]
    return None


def version(call: Invocation) -> int:
    """Which Compose is followed, and by what."""
    command = call.command
    if command.on("short"):
        call.output.line(FOLLOWED)
    elif command.text("format") == "json":
        call.output.line(json.dumps({"version": f"v{FOLLOWED}"}, separators=(",", ":")))
    else:
        ours = f"as dockerlab {dockerlab.__version__} does it"
        call.output.line(f"Docker Compose version v{FOLLOWED}, {ours}")
    return 0


def _lines(call: Invocation, texts: Iterable[str]) -> None:
    for text in texts:
        call.output.line(text)


COMMANDS: dict[str, Handler] = {
    "ps": ps,
    "ls": ls,
    "images": images,
    "top": top,
    "port": port,
    "config": config,
    "version": version,
}
