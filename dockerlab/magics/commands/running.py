"""Commands that start something: run, create, start, attach, exec."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dockerlab.client.explain import explained
from dockerlab.client.sessions import COLUMNS, ROWS, Session, attach, execute
from dockerlab.errors import CommandError, EngineRefused
from dockerlab.formats.command import Command
from dockerlab.formats.creation import Creation, Health, pairs
from dockerlab.formats.reference import parse
from dockerlab.magics.following import follow
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.pulling import pull

_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127


def run(call: Invocation) -> int:
    """Create, connect, start, and stay until the end unless ``-d``."""
    command = call.command
    try:
        with explained():
            creation = creation_of(command)
            container = _created(call, creation)
            if creation.detach:
                return _detached(call, container)
            return _attached(call, container, creation)
    except EngineRefused as error:
        call.refused(error, "docker: ")
        return _code(error)


def create(call: Invocation) -> int:
    """Create without starting; prints the id."""
    try:
        with explained():
            call.output.line(_created(call, creation_of(call.command)))
    except EngineRefused as error:
        call.refused(error)
        return 1
    return 0


def start(call: Invocation) -> int:
    """Start stopped containers, with ``-a`` or ``-i`` connected to the one."""
    command = call.command
    if not (command.on("attach") or command.on("interactive")):
        code = call.each(call.words, call.api.start)
        if code:
            call.output.error(f"Error: failed to start containers: {', '.join(call.words)}")
        return code
    if len(call.words) != 1:
        raise CommandError(
            "you cannot start and attach multiple containers at once",
            "leave -a and -i out, or name one container",
        )
    facts = call.api.inspect_container(call.words[0])
    stdin = command.on("interactive") and bool(facts["Config"]["OpenStdin"])
    session = attach(
        call.api,
        facts["Id"],
        stdin=stdin,
        tty=bool(facts["Config"]["Tty"]),
        removed=bool(facts["HostConfig"]["AutoRemove"]),
    )
    return started(call, facts["Id"], session, stdin=stdin)


def attach_to(call: Invocation) -> int:
    """Connect to a container that runs already."""
    facts = call.api.inspect_container(call.words[0])
    if not facts["State"]["Running"]:
        raise EngineRefused(
            "You cannot attach to a stopped container, start it first",
            f"docker start -a {call.words[0]} does both",
        )
    stdin = bool(facts["Config"]["OpenStdin"]) and not call.command.on("no-stdin")
    tty = bool(facts["Config"]["Tty"])
    session = attach(call.api, facts["Id"], stdin=stdin, tty=tty, ours=False)
    return follow(call, session, stdin=stdin, title=call.words[0])


def exec_in(call: Invocation) -> int:
    """Run a command in a running container."""
    command = call.command
    name, *typed = call.words
    body: dict[str, Any] = {
        "Cmd": typed,
        "AttachStdin": command.on("interactive"),
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": command.on("tty"),
        "Env": list(_environment(command)),
        "User": command.text("user"),
        "WorkingDir": command.text("workdir"),
        "Privileged": command.on("privileged"),
    }
    body = {key: value for key, value in body.items() if value}
    if command.on("detach"):
        created = call.api.exec_create(name, typed, environment=body.get("Env"))
        call.api.exec_start(created["Id"], detach=True)
        return 0
    session = execute(call.api, name, body)
    return follow(call, session, stdin=command.on("interactive"), title=f"{name}: {typed[0]}")


def creation_of(command: Command) -> Creation:
    """The container that ``docker run``'s flags describe."""
    many, text, get, on = command.many, command.text, command.get, command.on
    return Creation(
        image=command.words[0],
        command=command.words[1:],
        name=text("name"),
        entrypoint=command.flags.get("entrypoint"),  # type: ignore[arg-type]  # text or absent
        env=_environment(command),
        labels=pairs(many("label")),
        ports=many("publish"),
        expose=many("expose"),
        publish_all=on("publish-all"),
        volumes=many("volume"),
        mounts=many("mount"),
        volumes_from=many("volumes-from"),
        tmpfs=many("tmpfs"),
        workdir=text("workdir"),
        user=text("user"),
        hostname=text("hostname"),
        domainname=text("domainname"),
        network=text("network"),
        ip=text("ip"),
        aliases=many("network-alias"),
        links=many("link"),
        add_hosts=many("add-host"),
        dns=many("dns"),
        dns_search=many("dns-search"),
        dns_options=many("dns-option"),
        memory=get("memory", 0),
        memory_swap=get("memory-swap", 0),
        cpus=get("cpus", 0.0),
        cpu_shares=get("cpu-shares", 0),
        pids_limit=get("pids-limit", 0),
        shm_size=get("shm-size", 0),
        ulimits=many("ulimit"),
        restart=text("restart"),
        init=on("init"),
        read_only=on("read-only"),
        privileged=on("privileged"),
        cap_add=many("cap-add"),
        cap_drop=many("cap-drop"),
        security=many("security-opt"),
        stop_signal=text("stop-signal"),
        stop_timeout=get("stop-timeout"),
        health=_health(command),
        tty=on("tty"),
        stdin=on("interactive"),
        detach=on("detach"),
        remove=on("rm"),
    )


def _health(command: Command) -> Health:
    return Health(
        command=command.text("health-cmd"),
        interval=command.get("health-interval", 0.0),
        timeout=command.get("health-timeout", 0.0),
        start_period=command.get("health-start-period", 0.0),
        retries=command.get("health-retries", 0),
        off=command.on("no-healthcheck"),
    )


def _environment(command: Command) -> tuple[str, ...]:
    """``-e`` and ``--env-file``; a bare NAME takes its value from here, if it has one."""
    texts: list[str] = []
    for path in command.many("env-file"):
        try:
            content = Path(path).expanduser().read_text()
        except OSError as error:
            raise CommandError(
                f"open {path}: {error.strerror}",
                f"--env-file takes a file with lines NAME=value; paths count from {Path.cwd()}",
            ) from None
        lines = (line.strip() for line in content.splitlines())
        texts += [line for line in lines if line and not line.startswith("#")]
    found = [*texts, *command.many("env")]
    valued = (
        t if "=" in t else f"{t}={os.environ[t]}" for t in found if "=" in t or t in os.environ
    )
    return tuple(valued)


def _created(call: Invocation, creation: Creation) -> str:
    """The id of the new container; a missing image is pulled, as ``--pull`` says."""
    policy = call.command.text("pull", "missing")
    if policy not in ("always", "missing", "never"):
        raise CommandError(
            f"invalid pull option: '{policy}': must be one of always, missing or never",
            "as docker run --pull always IMAGE",
        )
    platform = call.command.text("platform")
    if policy == "always":
        _pull(call, creation.image, platform)
    body, name = creation.body(), creation.name or None
    try:
        answer = call.api.create_container_from_config(body, name, platform or None)
    except Exception as error:
        missing = getattr(error, "status_code", 0) == 404 and not call.api.images(creation.image)
        if policy == "never" or not missing:
            raise
        reference = parse(creation.image)
        call.output.error(f"Unable to find image '{reference.familiar}' locally")
        _pull(call, creation.image, platform)
        answer = call.api.create_container_from_config(body, name, platform or None)
    for warning in answer.get("Warnings") or ():
        call.output.error(f"WARNING: {warning}")
    return str(answer["Id"])


def _pull(call: Invocation, image: str, platform: str) -> None:
    write = (lambda text: None) if call.command.on("quiet") else call.output.error_text
    pull(call.api, image, write, platform=platform)


def _detached(call: Invocation, container: str) -> int:
    call.api.start(container)
    call.output.line(container)
    return 0


def _attached(call: Invocation, container: str, creation: Creation) -> int:
    session = attach(
        call.api, container, stdin=creation.stdin, tty=creation.tty, removed=creation.remove
    )
    return started(call, container, session, stdin=creation.stdin, title=creation.image)


def started(
    call: Invocation, container: str, session: Session, *, stdin: bool, title: str = ""
) -> int:
    """Start a container that ``session`` is connected to already, and follow it."""
    try:
        call.api.start(container)
    except BaseException:
        session.close()
        raise
    if session.tty:
        with explained():
            _resize(call, container)
    return follow(call, session, stdin=stdin, title=title or container[:12])


def _resize(call: Invocation, container: str) -> None:
    try:
        call.api.resize(container, height=ROWS, width=COLUMNS)
    except Exception as error:
        # It may have ended already; then there is nothing to resize.
        if getattr(error, "status_code", 0) not in (404, 409, 500):
            raise


def _code(error: EngineRefused) -> int:
    """docker run's own exit codes for a command that could not be started."""
    if "executable file not found" in error.message or "no such file or dir" in error.message:
        return _NOT_FOUND
    if "permission denied" in error.message and "exec" in error.message:
        return _NOT_EXECUTABLE
    return _FAILED


COMMANDS: Commands = {
    "run": run,
    "create": create,
    "start": start,
    "attach": attach_to,
    "exec": exec_in,
}
