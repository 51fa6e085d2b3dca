"""Programs started in running containers (``docker exec`` and health checks)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.programs import pipe as pipes
from dockerlab.engine.containers.programs.pipe import Pipe
from dockerlab.engine.containers.request import config as configs
from dockerlab.engine.containers.request.config import Data, pick
from dockerlab.engine.errors import APIError, BadParameter, Conflict, NotFound
from dockerlab.engine.events import Events
from dockerlab.engine.run.process import ExecProcess, ProcessSpec

FORGET_AFTER = 300.0
"""Seconds for which a finished exec can still be inspected, as in Docker."""

CANNOT_EXECUTE = 126

_FIELDS: tuple[tuple[str, tuple[type, ...], Any], ...] = (
    ("User", (str,), ""),
    ("Privileged", (bool,), False),
    ("Tty", (bool,), False),
    ("ConsoleSize", (list,), None),
    ("AttachStdin", (bool,), False),
    ("AttachStdout", (bool,), False),
    ("AttachStderr", (bool,), False),
    ("DetachKeys", (str,), ""),
    ("Env", (list,), None),
    ("WorkingDir", (str,), ""),
    ("Cmd", (list, str), None),
)


@dataclass(eq=False, slots=True)
class Exec:
    """One program to be run, running or finished."""

    id: str
    container: Container
    request: Data
    running: bool = False
    exit_code: int | None = None
    process: ExecProcess | None = None
    finished: float = 0.0
    """Monotonic time of the end."""
    pid: int = 0
    rows_columns: tuple[int, int] = (0, 0)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def tty(self) -> bool:
        return bool(self.request["Tty"])

    def view(self) -> Data:
        """As ``GET /exec/{id}/json`` shows it."""
        process: Data = {
            "tty": self.tty,
            "entrypoint": self.request["Cmd"][0],
            "arguments": self.request["Cmd"][1:],
            "privileged": self.request["Privileged"],
        }
        if self.request["User"]:
            process["user"] = self.request["User"]
        return {
            "ID": self.id,
            "Running": self.running,
            "ExitCode": self.exit_code,
            "ProcessConfig": process,
            "OpenStdin": self.request["AttachStdin"],
            "OpenStderr": self.request["AttachStderr"],
            "OpenStdout": self.request["AttachStdout"],
            "CanRemove": False,
            "ContainerID": self.container.id,
            "DetachKeys": self.request["DetachKeys"],
            "Pid": self.pid,
        }


class Execs:
    """All execs of the engine, until five minutes after their end."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._known: dict[str, Exec] = {}

    def create(self, container: Container, body: Mapping[str, Any]) -> Exec:
        """Note what shall be run. Raises BadParameter, Conflict."""
        request = pick(body, _FIELDS)
        if isinstance(request["Cmd"], str):
            request["Cmd"] = [request["Cmd"]]
        if not request["Cmd"] or not all(isinstance(word, str) for word in request["Cmd"]):
            raise BadParameter("No exec command specified")
        _check_running(container)
        self._sweep()
        exec = Exec(secrets.token_hex(32), container, request)
        self._known[exec.id] = exec
        self._publish(exec, "exec_create")
        return exec

    def get(self, id: str) -> Exec:
        """Find one. Raises NotFound."""
        if exec := self._known.get(id):
            return exec
        matches = [exec for known, exec in self._known.items() if id and known.startswith(id)]
        if len(matches) == 1:
            return matches[0]
        raise NotFound(f"No such exec instance: {id}")

    async def start(self, exec: Exec) -> ExecProcess:
        """Run it; ``finish`` must follow.

        Raises Conflict, StartError (its program cannot be executed; the exec is over then).
        """
        if exec.running or exec.exit_code is not None:
            state = "already running" if exec.running else "has already run"
            raise Conflict(f"Error: Exec command {exec.id} is {state}")
        process = _check_running(exec.container)
        exec.running = True
        exec.container.execs.append(exec.id)
        self._publish(exec, "exec_start")
        try:
            exec.process = await process.exec(self._spec(exec))
        except APIError as error:
            self._end(exec, CANNOT_EXECUTE)
            raise _explained(error) from error
        except BaseException:
            self._end(exec, CANNOT_EXECUTE)
            raise
        exec.pid = exec.process.pid
        return exec.process

    async def finish(self, exec: Exec) -> int:
        """Wait for the end, let go of the descriptors, and note the exit code."""
        process = exec.process
        if process is None:
            return exec.exit_code or 0
        code = -1
        try:
            code = await process.wait()
        finally:
            self._end(exec, code)
        self._publish(exec, "exec_die", exitCode=str(code))
        return code

    async def run(
        self, container: Container, command: list[str], timeout: float, limit: int
    ) -> tuple[int, bytes]:
        """Run a command to its end; its exit code and the first ``limit`` bytes of its output.

        Raises TimeoutError (the command is killed) and what ``start`` raises.
        """
        body = {"Cmd": command, "AttachStdout": True, "AttachStderr": True}
        exec = self.create(container, body)
        process = await self.start(exec)
        output = bytearray()
        outputs = {process.stdout, process.stderr} - {-1}
        try:
            reading = asyncio.gather(*(_collect(source, output, limit) for source in outputs))
            await asyncio.wait_for(reading, timeout)
        except TimeoutError:
            with contextlib.suppress(OSError):
                os.kill(process.pid, signal.SIGKILL)
            raise
        finally:
            code = await self.finish(exec)
        return code, bytes(output)

    def resize(self, exec: Exec, rows: int, columns: int) -> None:
        """Tell its terminal the new size."""
        exec.rows_columns = (rows, columns)
        if exec.process is not None and exec.tty and exec.running:
            exec.process.resize(rows, columns)

    def forget(self, container: Container) -> None:
        """The container is gone."""
        for exec in [exec for exec in self._known.values() if exec.container is container]:
            del self._known[exec.id]

    def _end(self, exec: Exec, code: int) -> None:
        exec.running, exec.exit_code, exec.pid = False, code, 0
        exec.finished = time.monotonic()
        if exec.id in exec.container.execs:
            exec.container.execs.remove(exec.id)
        if exec.process is not None:
            pipes.close(exec.process.stdin, exec.process.stdout, exec.process.stderr)

    def _sweep(self) -> None:
        limit = time.monotonic() - FORGET_AFTER
        for exec in list(self._known.values()):
            if exec.exit_code is not None and exec.finished < limit:
                del self._known[exec.id]

    def _spec(self, exec: Exec) -> ProcessSpec:
        request, container = exec.request, exec.container
        config = container.config
        variables = dict(
            entry.split("=", 1)
            for entry in configs.environment(
                {**config, "Tty": exec.tty}, container.hostname, container.linked
            )
        )
        return ProcessSpec(
            args=tuple(request["Cmd"]),
            env=tuple(configs.overlay_env(variables, map(str, request["Env"] or ()))),
            cwd=request["WorkingDir"] or config["WorkingDir"] or "/",
            user=request["User"] or config["User"],
            groups=tuple(container.host["GroupAdd"] or ()),
            tty=exec.tty,
            open_stdin=request["AttachStdin"],
            privileged=request["Privileged"] or container.host["Privileged"],
            console=exec.rows_columns,
        )

    def _publish(self, exec: Exec, action: str, **attributes: str) -> None:
        program, *rest = exec.request["Cmd"]
        name = action if action == "exec_die" else f"{action}: {program} {' '.join(rest)}"
        container = exec.container
        attributes = {**container.attributes(), "execID": exec.id, **attributes}
        self._events.publish("container", name, container.id, attributes)


def _check_running(container: Container) -> Any:
    if container.state.paused:
        raise Conflict(f"Container {container.name} is paused, unpause the container before exec")
    if container.process is None or not container.state.running:
        raise Conflict(f"Container {container.id} is not running")
    return container.process


def _explained(error: APIError) -> APIError:
    """Docker's sentence around the reason why a program cannot be executed."""
    message = error.message
    if message.startswith("exec: "):
        start = "OCI runtime exec failed: exec failed: unable to start container process: "
        message = f"{start}{message}: unknown"
    return BadParameter(message)


async def _collect(descriptor: int, output: bytearray, limit: int) -> None:
    pipe = Pipe(descriptor)
    while data := await pipe.read():
        output += data[: max(limit - len(output), 0)]
