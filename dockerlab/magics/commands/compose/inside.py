"""Commands that go into a service's container: exec, run, cp."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dockerlab.client.compose.compose import Compose
from dockerlab.client.sessions import attach, execute
from dockerlab.errors import DockerlabError
from dockerlab.magics.commands.compose.project import Steps, opened
from dockerlab.magics.commands.copying import cp as copy
from dockerlab.magics.commands.running import started
from dockerlab.magics.following import follow
from dockerlab.magics.invocation import Handler, Invocation


def exec_in(call: Invocation) -> int:
    """Run a command in a running container; lines below the cell's first are typed into it.

    A terminal is there with ``-it`` only: most cells have none to show.
    """
    command = call.command
    service, *typed = call.words
    project = opened(call, quiet=True)
    box = project.container(service, int(command.get("index", 1)))
    if box.status != "running":
        raise DockerlabError(
            f'service "{service}" is not running', f"docker compose start {service}"
        )
    stdin = _typed_into(call)
    body: dict[str, Any] = {
        "Cmd": typed,
        "AttachStdin": stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": _terminal(call),
        "Env": list(command.many("env")),
        "User": command.text("user"),
        "WorkingDir": command.text("workdir"),
        "Privileged": command.on("privileged"),
    }
    body = {key: value for key, value in body.items() if value}
    if command.on("detach"):
        created = call.api.exec_create(box.id, typed, environment=body.get("Env"))
        call.api.exec_start(created["Id"], detach=True)
        return 0
    session = execute(call.api, box.id, body)
    return follow(call, session, stdin=stdin, title=f"{service}: {typed[0]}")


def run(call: Invocation) -> int:
    """Run a command in a new container of a service, with what it depends on brought up."""
    command = call.command
    service, *typed = call.words
    project = opened(call)
    if not command.on("no-deps"):
        _dependencies(call, project, service)
    detached, stdin, tty = command.on("detach"), _typed_into(call), _terminal(call)
    box = project.single(
        service,
        typed,
        name=command.text("name"),
        rm=command.on("rm"),
        stdin=stdin,
        tty=tty,
        env=command.many("env"),
        user=command.text("user"),
        workdir=command.text("workdir"),
        entrypoint=command.text("entrypoint"),
        volumes=command.many("volume"),
        ports=command.many("publish"),
        service_ports=command.on("service-ports"),
        use_aliases=command.on("use-aliases"),
        build=command.on("build"),
        labels=dict(text.partition("=")[::2] for text in command.many("label")),
    )
    if detached:
        box.start()
        call.output.line(box.id)
        return 0
    session = attach(call.api, box.id, stdin=stdin, tty=tty, removed=command.on("rm"))
    return started(call, box.id, session, stdin=stdin, title=service)


def _dependencies(call: Invocation, project: Compose, service: str) -> None:
    found = project.project.services.get(service) or project.project.disabled.get(service)
    names = [name for name in found.depends_on if name in project.project.services] if found else []
    if names:
        project.up(names, progress=Steps(call, aside=True))


def _typed_into(call: Invocation) -> bool:
    """Whether anything can be typed into it: lines of the cell, or a console."""
    return call.lines is not None or call.command.on("interactive")


def _terminal(call: Invocation) -> bool:
    return call.command.on("tty") and not call.command.on("no-TTY")


def cp(call: Invocation) -> int:
    """Copy between ``SERVICE:PATH`` and here, as ``docker cp`` does."""
    project = opened(call, quiet=True)
    index = int(call.command.get("index", 1))
    words = tuple(_place(project, word, index) for word in call.words)
    return copy(replace(call, command=replace(call.command, name="cp", words=words)))


def _place(project: Compose, word: str, index: int) -> str:
    service, colon, path = word.partition(":")
    known = {**project.project.disabled, **project.project.services}
    if not colon or service not in known:
        return word
    return f"{project.container(service, index).name}:{path}"


COMMANDS: dict[str, Handler] = {"exec": exec_in, "run": run, "cp": cp}
