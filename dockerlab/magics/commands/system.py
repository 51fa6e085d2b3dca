"""Commands on the engine as a whole: version, info, events, disk usage, clean-up."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

from dockerlab.client.system import df_cells, moment
from dockerlab.errors import CommandError
from dockerlab.formats.resources import EventRecord, ImageRecord, VolumeRecord, disk_usage
from dockerlab.formats.template import render
from dockerlab.formats.text import age, columns, short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

_DF = [
    ("TYPE", "Type"),
    ("TOTAL", "TotalCount"),
    ("ACTIVE", "Active"),
    ("SIZE", "Size"),
    ("RECLAIMABLE", "Reclaimable"),
]


def version(call: Invocation) -> int:
    import docker

    server = call.api.version()
    client = {"Version": docker.__version__, "ApiVersion": call.api.api_version}
    if call.command.text("format"):
        return _formatted(call, {"Client": client, "Server": server})
    call.output.line("Client: dockerlab, driving docker-py")
    call.output.line(f" Version:           {client['Version']}")
    call.output.line(f" API version:       {client['ApiVersion']}\n")
    platform = (server.get("Platform") or {}).get("Name") or "Docker Engine"
    call.output.line(f"Server: {platform}")
    for part in server.get("Components") or ():
        details = part.get("Details") or {}
        call.output.line(f" {part.get('Name')}:\n  Version:          {part.get('Version')}")
        if "ApiVersion" in details:
            least = details.get("MinAPIVersion", "?")
            call.output.line(
                f"  API version:      {details['ApiVersion']} (minimum version {least})"
            )
            call.output.line(f"  OS/Arch:          {details.get('Os')}/{details.get('Arch')}")
    return 0


def info(call: Invocation) -> int:
    facts = call.api.info()
    if call.command.text("format"):
        return _formatted(call, facts)
    lines = [
        ("Containers", facts.get("Containers")),
        (" Running", facts.get("ContainersRunning")),
        (" Paused", facts.get("ContainersPaused")),
        (" Stopped", facts.get("ContainersStopped")),
        ("Images", facts.get("Images")),
        ("Server Version", facts.get("ServerVersion")),
        ("Storage Driver", facts.get("Driver")),
        ("Logging Driver", facts.get("LoggingDriver")),
        ("Cgroup Driver", facts.get("CgroupDriver")),
        ("Cgroup Version", facts.get("CgroupVersion")),
        ("Runtimes", " ".join(sorted(facts.get("Runtimes") or {}))),
        ("Default Runtime", facts.get("DefaultRuntime")),
        ("Security Options", " ".join(facts.get("SecurityOptions") or ())),
        ("Kernel Version", facts.get("KernelVersion")),
        ("Operating System", facts.get("OperatingSystem")),
        ("OSType", facts.get("OSType")),
        ("Architecture", facts.get("Architecture")),
        ("CPUs", facts.get("NCPU")),
        ("Name", facts.get("Name")),
        ("Docker Root Dir", facts.get("DockerRootDir")),
    ]
    call.output.line("Server:")
    for name, value in lines:
        call.output.line(f" {name}: {value}")
    for warning in facts.get("Warnings") or ():
        call.output.error(str(warning))
    return 0


def _formatted(call: Invocation, facts: dict[str, Any]) -> int:
    template = call.command.text("format")
    text = json.dumps(facts, ensure_ascii=False) if template == "json" else render(template, facts)
    call.output.line(text)
    return 0


def events(call: Invocation) -> int:
    """What happens, until ``--until``, an interrupt, or the engine's end."""
    command = call.command
    times: dict[str, str] = {}
    for flag in ("since", "until"):
        if flag in command.flags:
            try:
                times[flag] = f"{moment(command.text(flag)):.9f}"
            except ValueError as error:
                raise CommandError(str(error), "or a time as 2026-01-02T15:04:05Z") from None
    stream = call.api.events(
        since=times.get("since"), until=times.get("until"), filters=call.filters(), decode=True
    )
    template = command.text("format")
    try:
        for data in stream:
            if template == "json":
                call.output.line(json.dumps(data, ensure_ascii=False))
            elif template:
                call.output.line(render(template, data))
            else:
                call.output.line(event_text(EventRecord.of(data)))
    finally:
        stream.close()
    return 0


def event_text(event: EventRecord) -> str:
    """An event as docker writes it: time, kind, action, id and its attributes."""
    seconds, rest = divmod(event.time_ns, 1_000_000_000)
    local = dt.datetime.fromtimestamp(seconds).astimezone()
    zone = local.strftime("%z")
    stamp = f"{local:%Y-%m-%dT%H:%M:%S}.{rest:09d}{zone[:3]}:{zone[3:]}"
    attributes = ", ".join(f"{key}={value}" for key, value in event.attributes)
    return f"{stamp} {event.kind} {event.action} {event.id} ({attributes})"


def df(call: Invocation) -> int:
    data = call.api.df()
    if call.command.on("verbose"):
        return _verbose_df(call, data)
    names = [field for _, field in _DF]
    rows: list[Row] = [dict(zip(names, df_cells(u), strict=True)) for u in disk_usage(data)]
    return show(call, _DF, rows)


def _verbose_df(call: Invocation, data: dict[str, Any]) -> int:
    now = time.time()
    images = [ImageRecord.of(item) for item in data.get("Images") or ()]
    rows = [
        (
            (i.tags or ("<none>",))[0],
            short_id(i.id),
            age(i.created, now),
            size(i.size),
            str(i.containers),
        )
        for i in images
    ]
    call.output.line("Images space usage:\n")
    call.output.line(columns(("NAME", "IMAGE ID", "CREATED", "SIZE", "CONTAINERS"), rows))
    call.output.line("\nContainers space usage:\n")
    boxes = [
        (short_id(c["Id"]), c.get("Image", ""), size(c.get("SizeRw") or 0), c.get("Status", ""))
        for c in data.get("Containers") or ()
    ]
    call.output.line(columns(("CONTAINER ID", "IMAGE", "SIZE", "STATUS"), boxes))
    call.output.line("\nLocal Volumes space usage:\n")
    volumes = [VolumeRecord.of(item) for item in data.get("Volumes") or ()]
    sizes = [(v.name, str(max(0, v.users)), size(max(0, v.size))) for v in volumes]
    call.output.line(columns(("VOLUME NAME", "LINKS", "SIZE"), sizes))
    return 0


def prune(call: Invocation) -> int:
    """Nothing that runs is touched. There is no question asked: a cell cannot answer one."""
    command = call.command
    pruned = call.lab.prune(
        all_images=command.on("all"), volumes=command.on("volumes"), filters=call.filters()
    )
    call.output.line(repr(pruned))
    return 0


def builder_prune(call: Invocation) -> int:
    answer = call.api.prune_builds(
        filters=call.filters() or None, all=call.command.on("all") or None
    )
    call.output.line(f"Total:\t{size(answer.get('SpaceReclaimed') or 0, 4)}")
    return 0


COMMANDS: Commands = {
    "version": version,
    "info": info,
    "events": events,
    "system df": df,
    "system prune": prune,
    "builder prune": builder_prune,
}
