"""Commands on containers that there are: their list and their life."""

from __future__ import annotations

import time
from typing import Any

from dockerlab.client.containers import shown_image
from dockerlab.client.explain import explained
from dockerlab.client.sessions import request
from dockerlab.errors import CommandError, EngineRefused
from dockerlab.formats.creation import restart_policy
from dockerlab.formats.resources import ContainerRecord, port_text
from dockerlab.formats.text import age, ellipsis, quoted, short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

_PS = [
    ("CONTAINER ID", "ID"),
    ("IMAGE", "Image"),
    ("COMMAND", "Command"),
    ("CREATED", "RunningFor"),
    ("STATUS", "Status"),
    ("PORTS", "Ports"),
    ("NAMES", "Names"),
]


def ps(call: Invocation) -> int:
    command = call.command
    limit = command.get("last", -1) if not command.on("latest") else 1
    query: dict[str, Any] = {
        "all": int(command.on("all") or limit > 0),
        "size": int(command.on("size")),
        "filters": call.filters(),
    }
    if limit > 0:
        query["limit"] = limit
    found = call.api.containers(**query)
    rows = [_row(ContainerRecord.of(item), whole=command.on("no-trunc")) for item in found]
    shown = [*_PS, ("SIZE", "Size")] if command.on("size") else _PS
    return show(call, shown, rows, quiet="ID")


def _row(record: ContainerRecord, *, whole: bool) -> Row:
    now = time.time()
    used = "" if record.size is None else size(record.size)
    if record.root_size:
        used += f" (virtual {size(record.root_size)})"
    return {
        "ID": record.id if whole else short_id(record.id),
        "Image": shown_image(record),
        "Command": quoted(record.command if whole else ellipsis(record.command, 20)),
        "CreatedAt": time.strftime("%Y-%m-%d %H:%M:%S %z %Z", time.localtime(record.created)),
        "RunningFor": age(record.created, now),
        "Status": record.status,
        "State": record.state,
        "Ports": port_text(record.ports),
        "Names": record.name,
        "Labels": ",".join(f"{key}={value}" for key, value in record.labels),
        "Mounts": ",".join(record.mounts),
        "Networks": ",".join(record.networks),
        "Size": used,
    }


def stop(call: Invocation) -> int:
    return _signalled(call, "stop")


def restart(call: Invocation) -> int:
    return _signalled(call, "restart")


def _signalled(call: Invocation, action: str) -> int:
    """Stop and restart by hand: docker-py has no way to give a signal along."""
    query: dict[str, Any] = {}
    if "time" in call.command.flags:
        query["t"] = call.command.get("time")
    if "signal" in call.command.flags:
        query["signal"] = call.command.text("signal")

    def act(name: str) -> None:
        # The answer comes when the container has stopped, which may take as long as it likes.
        request(call.api, "POST", f"/containers/{{0}}/{action}", name, params=query).close()

    return call.each(call.words, act)


def kill(call: Invocation) -> int:
    signal = call.command.text("signal", "KILL")
    return call.each(call.words, lambda name: call.api.kill(name, signal))


def pause(call: Invocation) -> int:
    return call.each(call.words, call.api.pause)


def unpause(call: Invocation) -> int:
    return call.each(call.words, call.api.unpause)


def rm(call: Invocation) -> int:
    command, code = call.command, 0
    for name in call.words:
        try:
            with explained():
                call.api.remove_container(
                    name.lstrip("/"),
                    v=command.on("volumes"),
                    link=command.on("link"),
                    force=command.on("force"),
                )
            call.output.line(name)
        except EngineRefused as error:
            call.refused(error)
            # docker rm -f is content when there is nothing to remove.
            code = code if command.on("force") and error.status == 404 else 1
    return code


def rename(call: Invocation) -> int:
    call.api.rename(*call.words)
    return 0


def update(call: Invocation) -> int:
    command = call.command
    body: dict[str, Any] = {}
    for flag, key in (
        ("memory", "Memory"),
        ("memory-swap", "MemorySwap"),
        ("cpu-shares", "CpuShares"),
        ("pids-limit", "PidsLimit"),
    ):
        if flag in command.flags:
            body[key] = command.get(flag)
    if "cpus" in command.flags:
        body["NanoCpus"] = round(float(command.get("cpus")) * 1e9)
    if "restart" in command.flags:
        body["RestartPolicy"] = restart_policy(command.text("restart"))
    if not body:
        raise CommandError(
            "you must provide one or more flags when using this command",
            "as docker update --memory 64m NAME",
        )

    def act(name: str) -> None:
        response = request(call.api, "POST", "/containers/{0}/update", name, json=body)
        for warning in response.json().get("Warnings") or ():
            call.output.error(f"WARNING: {warning}")

    return call.each(call.words, act)


def wait(call: Invocation) -> int:
    code = 0
    for name in call.words:
        try:
            with explained():
                answer = call.api.wait(name, timeout=None)
            call.output.line(str(answer["StatusCode"]))
        except EngineRefused as error:
            call.refused(error)
            code = 1
    return code


def prune(call: Invocation) -> int:
    answer = call.api.prune_containers(filters=call.filters())
    deleted = answer.get("ContainersDeleted") or ()
    if deleted:
        call.output.line("Deleted Containers:\n" + "\n".join(deleted) + "\n")
    call.output.line(f"Total reclaimed space: {size(answer.get('SpaceReclaimed') or 0, 4)}")
    return 0


COMMANDS: Commands = {
    "ps": ps,
    "stop": stop,
    "restart": restart,
    "kill": kill,
    "pause": pause,
    "unpause": unpause,
    "rm": rm,
    "rename": rename,
    "update": update,
    "wait": wait,
    "container prune": prune,
}
