"""Isolation without any privilege: PRoot for the files, a supervisor for all the rest.

Each program (the container's first, and every one by exec) has a PRoot of its own on the same
files. Before PRoot starts, its process gets two things that everything below inherits: a
seccomp filter that asks the shim about addresses and signals (``seccomp.py``,
``supervisor.py``), and Landlock's rules where the kernel has them (``landlock.py``).

What this cannot do is said in ``limits_of_proot``.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from dockerlab.engine.net.loopback import World, resolver_note
from dockerlab.engine.run import proctree
from dockerlab.engine.run.process import ContainerSpec, Limits, ProcessSpec, StartError
from dockerlab.engine.run.program import capabilities, program, users
from dockerlab.engine.run.proot import landlock, procstatus, prootentry, seccomp
from dockerlab.engine.run.proot.guest import SOCKETS, Guest
from dockerlab.engine.run.proot.memorywatch import MemoryWatch
from dockerlab.engine.run.proot.prootentry import Entry
from dockerlab.engine.run.proot.sockets import Sockets
from dockerlab.engine.run.proot.supervisor import Program, Supervisor, mask
from dockerlab.engine.run.shim import isolation, nameserver
from dockerlab.engine.run.shim.isolation import Stdio
from dockerlab.engine.run.tools import ProotCommand, find_proot, loader_of, why_no_proot

_CREATE = "failed to create shim task: OCI runtime create failed: runc create failed"
_EXEC = "OCI runtime exec failed: exec failed"
_STARTING = "unable to start container process"

_PATIENCE = 60.0
"""Seconds that PRoot may take until the program's execve."""
_STANDSTILL = 0.3
"""Seconds that a pause waits for the processes to stand still (on a busy machine)."""
_AT_ONCE = 1.0
"""Seconds in which killed processes are expected to be gone (or zombies)."""
_GRACE = 5.0
"""Seconds for what was killed to be gone."""


def settings(root: str) -> dict[str, Any]:
    """What the isolation has to know: the engine's folder, and how to call PRoot.

    Found out by the engine: a shim's Python and environment are not those of the installation.
    Raises OSError when PRoot is not here.
    """
    command = find_proot()
    if command is None:
        raise OSError(2, why_no_proot())
    return {"root": root, "proot": asdict(command)}


class Proot:
    """See isolation.Isolation. ``options``: what settings() gives."""

    def __init__(self, spec: ContainerSpec, options: Mapping[str, Any]) -> None:
        self._command = _as_command(options["proot"])
        self._spec = spec
        self._guest = Guest(spec)
        self._supervisor = Supervisor(
            Sockets(spec.network, spec.id, World(options["root"])),
            spec.hostname,
            domainname=spec.domainname,
            init=spec.init,
            most_processes=spec.limits.pids,
        )
        self._walled = landlock.version() > 0
        self._filter = seccomp.program(shut_in=self._walled, count_processes=spec.limits.pids > 0)
        self._ruleset = -1
        self._privileged = capabilities.held() != 0
        self._ulimits = spec.ulimits
        self._memory = MemoryWatch(spec.limits.memory, self.processes)
        self._tracers: list[int] = []
        self._finished: list[int] = []
        self._paused = False
        self._resolver: tuple[socket.socket, socket.socket] | None = None
        self._resolver_note = resolver_note(options["root"], spec.id)

    # ---- starting

    def open_terminal(self) -> tuple[int, int]:
        return os.openpty()

    def start(self, spec: ContainerSpec, stdio: Stdio) -> int:
        try:
            self._guest.prepare(loader_of(self._command.path))
            if self._walled:
                self._ruleset = landlock.ruleset(self._rules())
            self._forget_resolver()
            if spec.network.resolver:
                self.resolver()
        except OSError as error:
            raise _failure(_CREATE, program.explain(error)) from error
        return self._run(spec.process, stdio, _CREATE, first=True)

    def resolver(self) -> tuple[socket.socket, socket.socket]:
        """At any port: the supervisor leads there whoever asks at 53."""
        if self._resolver is None:
            udp, tcp = nameserver.open_sockets(0)
            with open(self._resolver_note, "w") as file:
                file.write(str(udp.getsockname()[1]))
            self._resolver = udp, tcp
        return self._resolver

    def _forget_resolver(self) -> None:
        for sock in self._resolver or ():
            sock.close()
        self._resolver = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._resolver_note)

    def _rules(self) -> Iterator[landlock.Rule]:
        yield from self._guest.rules()
        for path in self._command.needs:
            yield landlock.Rule(path, landlock.READ)

    def enter(self, spec: ProcessSpec, stdio: Stdio) -> int:
        self._forget_ended()
        return self._run(spec, stdio, _EXEC, first=False)

    def _run(self, spec: ProcessSpec, stdio: Stdio, prefix: str, *, first: bool) -> int:
        try:
            argv, variables = self._prepare(spec, first=first)
        except (StartError, users.UnknownUser) as error:
            raise _failure(prefix, program.explain(error)) from None
        started = self._launch(argv, variables, stdio)
        if not self._await_start(started):
            text = f"exec {spec.args[0]}: no such file or directory\n"
            with contextlib.suppress(OSError):
                os.write(stdio.stderr, text.encode(errors="replace"))
            started.code = 1
        return started.tracer

    def _prepare(
        self, spec: ProcessSpec, *, first: bool
    ) -> tuple[list[str], Mapping[bytes, bytes]]:
        """The command line and the environment. Raises StartError, UnknownUser."""
        guest = self._guest
        user = users.find(spec.user, spec.groups, guest.users_folder())
        variables = program.environment(spec, user)
        cwd = spec.cwd or "/"
        guest.check_folder(cwd, create=first)
        path = guest.find(spec.args[0], variables, cwd)
        # PRoot looks in PATH as we did, and a bare name stays what the program sees as its name.
        plain = b"PATH" in variables and not spec.args[0].startswith("-")
        name = spec.args[0] if plain else path
        argv = [*self._command.argv, "-v", "-1", "-r", guest.root, "-i", f"{user.uid}:{user.gid}"]
        for bind in guest.binds():
            argv += ["-b", f"{guest.without_colon(bind.source)}:{bind.target}"]
        argv += ["-w", cwd, name, *spec.args[1:]]
        extra = {b"PROOT_TMP_DIR": guest.temporary, b"PROOT_LOADER": guest.loader}
        ours = {name: os.fsencode(path) for name, path in extra.items()}
        return argv, mask(variables) | ours

    def _launch(self, argv: list[str], variables: Mapping[bytes, bytes], stdio: Stdio) -> Program:
        entry = Entry(
            *(argv, variables, self._guest.root, self._filter, self._ruleset),
            privileged=self._privileged,
            ulimits=self._ulimits,
        )
        try:
            listener, pid = prootentry.launch(entry, stdio)
        except OSError as error:
            raise StartError(f"{_CREATE}: {_STARTING}: {error}: unknown", program.OTHER) from None
        self._tracers.append(pid)
        return self._supervisor.add(listener, pid)

    def _await_start(self, started: Program) -> bool:
        """Answer calls until the program has been executed; False if it could not be."""
        deadline = time.monotonic() + _PATIENCE
        tracer = os.pidfd_open(started.tracer)
        try:
            poll = select.poll()
            poll.register(self._supervisor.epoll.fileno(), select.POLLIN)
            poll.register(tracer, select.POLLIN)
            while not started.pid and time.monotonic() < deadline:
                ready = [descriptor for descriptor, _ in poll.poll(1000)]
                if self._supervisor.epoll.fileno() in ready:
                    self._supervisor.handle()
                elif ready:
                    return False
        finally:
            os.close(tracer)
        if started.pid:
            self._watch_end(started)
        else:
            _send(started.tracer, signal.SIGKILL)
        return bool(started.pid)

    def _watch_end(self, started: Program) -> None:
        """PRoot waits for all that its program left behind; we must not."""
        try:
            descriptor = os.pidfd_open(started.pid)
        except OSError:
            return  # gone already, and PRoot is about to go
        self._supervisor.watch(descriptor, lambda ended: self._program_ended(ended, started))

    # ---- the end

    def exit_code(self, pid: int, status: int) -> int:
        ended = self._supervisor.programs.get(pid)
        self._kill_untraced()
        if ended is None:
            return isolation.exit_code(status)
        if ended.code is not None:
            return ended.code
        # No exit, no signal handed on by PRoot: only SIGKILL passes both by.
        return 128 + signal.SIGKILL

    def _forget_ended(self) -> None:
        """PRoots that are gone; until then, their pids must not count as the container's."""
        for tracer, started in list(self._supervisor.programs.items()):
            if started is not self._supervisor.first and not proctree.alive(tracer):
                del self._supervisor.programs[tracer]

    def finished(self) -> list[int]:
        """Programs of ``enter`` that ended and left something running (once each)."""
        finished, self._finished = self._finished, []
        return finished

    def _program_ended(self, descriptor: int, ended: Program) -> None:
        os.close(descriptor)
        if ended is self._supervisor.first:
            self.kill()
        else:
            self._finished.append(ended.tracer)

    def _kill_untraced(self) -> None:
        """Should a PRoot have died before its processes, these must not go on by themselves."""
        for pid in self.processes():
            if procstatus.untraced(pid):
                _send(pid, signal.SIGKILL)

    def signal(self, number: int) -> None:
        first = self._supervisor.first
        if first is not None and first.pid and first.code is None:
            with contextlib.suppress(ProcessLookupError):
                self._supervisor.send(first.pid, number, outside=True)
            if number == signal.SIGKILL and self._paused:
                self.resume()

    def kill(self) -> None:
        first = self._supervisor.first
        if first is not None and first.code is None:
            first.code = 128 + signal.SIGKILL
        for tracer in list(self._supervisor.programs):
            _send(tracer, signal.SIGCONT)
        deadline = time.monotonic() + _AT_ONCE
        while (left := self.processes()) and time.monotonic() < deadline:
            for pid in left:
                _send(pid, signal.SIGKILL)
            time.sleep(0.0005)

    def close(self) -> None:
        """Wait for the last ones to be gone (each PRoot has to notice its dead first)."""
        with contextlib.suppress(OSError):
            self._forget_resolver()
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline:
            left = proctree.descendants([os.getpid()])[1:]
            if not left:
                break
            self.kill()
            self._supervisor.handle(0.005)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
        for pid in proctree.descendants([os.getpid()])[1:]:
            _send(pid, signal.SIGKILL)
        self._memory.close()
        if self._ruleset >= 0:
            os.close(self._ruleset)
            self._ruleset = -1
        marks = tuple(f"proot-{tracer}-" for tracer in self._tracers)
        for name in os.listdir(SOCKETS):
            if name.startswith(marks):
                with contextlib.suppress(OSError):
                    os.unlink(f"{SOCKETS}/{name}")
        self._guest.remove()

    # ---- while it runs

    def pause(self) -> None:
        # The PRoots first: a stopped process that is traced goes on when its tracer says so.
        self._paused = True
        for tracer in list(self._supervisor.programs):
            _send(tracer, signal.SIGSTOP)
        done: set[int] = set()
        while fresh := set(self.processes()) - done:
            for pid in fresh:
                _send(pid, signal.SIGSTOP)
            done |= fresh
        deadline = time.monotonic() + _STANDSTILL
        while not all(map(procstatus.stopped, done)) and time.monotonic() < deadline:
            time.sleep(0.001)

    def resume(self) -> None:
        self._paused = False
        for pid in self.processes():
            _send(pid, signal.SIGCONT)
        for tracer in list(self._supervisor.programs):
            _send(tracer, signal.SIGCONT)
        for pid in self.processes():
            _send(pid, signal.SIGCONT)

    def processes(self) -> list[int]:
        return self._supervisor.processes()

    def usage(self) -> dict[str, Any]:
        pids = self.processes()
        return {
            "memory": sum(map(proctree.memory, pids)),
            "memory_max": self._memory.highest,
            "cpu_ns": sum(map(proctree.cpu_ns, pids)),
            "pids": len(pids),
            "io": {"read": 0, "write": 0},
            "networks": {},
        }

    def update(self, limits: Limits) -> None:
        if limits.pids and not self._spec.limits.pids:
            raise OSError(95, "without cgroups the number of processes is limited from the start")
        self._supervisor.most_processes = limits.pids
        self._memory.limit = limits.memory

    def oom_killed(self) -> bool:
        return self._memory.killed

    def descriptors(self) -> dict[int, Callable[[], None]]:
        found: dict[int, Callable[[], None]] = {
            self._supervisor.epoll.fileno(): self._supervisor.handle
        }
        if self._memory.descriptor >= 0:
            found[self._memory.descriptor] = self._memory.check
        return found

    def root(self) -> str:
        return self._guest.root


def _as_command(data: Mapping[str, Any]) -> ProotCommand:
    return ProotCommand(data["path"], tuple(data["argv"]), tuple(data["needs"]))


def _failure(prefix: str, reason: StartError) -> StartError:
    if reason.message.startswith("unable to find "):
        return reason  # Docker's daemon itself finds this out, without runc
    return StartError(f"{prefix}: {_STARTING}: {reason.message}: unknown", reason.code)


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
