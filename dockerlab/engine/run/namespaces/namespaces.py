"""Isolation by Linux namespaces, with direct system calls: what runc does, in the shim itself.

The first process is cloned right into a new pid namespace, as its pid 1 and the shim's own child;
what exec starts is made there by a helper, and is the shim's own child, too.

When pid 1 ends the kernel ends everything else inside, before the shim is told.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.net.kernel.keeper import Keeper
from dockerlab.engine.run import kernel, proctree
from dockerlab.engine.run.namespaces import cgroups, filesystem, handshake, resolver, sysctls
from dockerlab.engine.run.namespaces.resolver import Resolver
from dockerlab.engine.run.process import ContainerSpec, Interface, Limits, ProcessSpec, StartError
from dockerlab.engine.run.program import init, program, users
from dockerlab.engine.run.program.program import Privileges
from dockerlab.engine.run.shim import isolation, terminal
from dockerlab.engine.run.shim.isolation import Stdio

_NETWORK = b"n"
_ALWAYS = kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC


class Namespaces:
    """See isolation.Isolation. ``options``: {"keeper": path of the keeper's socket}.

    ``executed``: whether this program was executed in the engine's namespaces; else nobody in
    them may look into a process that hides.
    """

    def __init__(
        self, spec: ContainerSpec, options: dict[str, Any], *, executed: bool = True
    ) -> None:
        self._spec = spec
        self._executed = executed
        self._keeper = Keeper(options["keeper"]) if options.get("keeper") else None
        self._cgroup = cgroups.Cgroup(spec.id, cgroups.find(), spec.limits)
        self._born_in = self._cgroup.born_in()
        self._privileges = program.privileges(
            spec.cap_add, spec.cap_drop, privileged=spec.privileged, ulimits=spec.ulimits
        )
        self._devpts = filesystem.terminals()
        self._pid = 0
        self._pidfd = -1
        self._entered: set[int] = set()
        self._resolver = Resolver()

    @staticmethod
    def prepare() -> None:
        """What every container asks anew, asked once: called in the spawner."""
        cgroups.find()
        program.privileges((), (), privileged=False)

    def open_terminal(self) -> tuple[int, int]:
        return terminal.open_pair(self._devpts)

    def start(self, spec: ContainerSpec, stdio: Stdio) -> int:
        self._cgroup.limit(spec.limits)
        joined = self._network_of(spec.network.of) if spec.network.mode == "container" else -1
        ours, theirs = handshake.channel()
        pid = self._fork(
            lambda: self._first(stdio, theirs, joined),
            (ours, theirs),
            handshake.CREATE,
            kernel.CLONE_NEWPID,
        )
        if joined >= 0:
            os.close(joined)
        with ours:
            failure = handshake.await_exec(ours, partial(self._hear, ours))
        if failure is not None:
            _end(pid)
            raise failure
        self._pid = pid
        self._pidfd = os.pidfd_open(pid)
        return pid

    def enter(self, spec: ProcessSpec, stdio: Stdio) -> int:
        """By a helper that joins everything, and then forks the process.

        Else the process would be seen in the container's /proc while it still has the host's
        root directory and the engine's memory: with CAP_SYS_PTRACE that is a way out.
        """
        ours, theirs = handshake.channel()
        allowed = self._allowed(spec)
        helper = self._fork(
            lambda: self._another(spec, stdio, theirs, allowed), (ours, theirs), handshake.EXEC
        )
        pids: list[int] = []

        def forked(data: bytes, given: list[int]) -> None:
            os.waitpid(helper, 0)  # as long as it is there, it counts for the limit on processes
            pids.append(int(data))

        with ours:
            failure = handshake.await_exec(ours, forked)
        if failure is None and pids:
            self._entered.add(pids[0])
            return pids[0]
        for pid in pids or [helper]:
            _end(pid)
        raise failure or StartError(f"{handshake.EXEC}: the container has ended", program.OTHER)

    def exit_code(self, pid: int, status: int) -> int:
        self._entered.discard(pid)
        return isolation.exit_code(status)

    def finished(self) -> list[int]:
        return []

    def signal(self, number: int) -> None:
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def pause(self) -> None:
        if not self._cgroup.freeze(True):
            self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._cgroup.freeze(False)
        self._signal_all(signal.SIGCONT)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def processes(self) -> list[int]:
        inside = self._cgroup.processes()
        if inside is None:
            inside = proctree.descendants([self._pid, *self._entered])
        return sorted(inside, key=lambda pid: pid != self._pid)

    def usage(self) -> dict[str, Any]:
        pids = self.processes()
        numbers: dict[str, Any] = {
            "memory": sum(map(proctree.memory, pids)),
            "memory_max": 0,
            "cpu_ns": sum(map(proctree.cpu_ns, pids)),
            "pids": len(pids),
            "io": {"read": 0, "write": 0},
        }
        networks = {} if self._spec.network.mode == "host" else proctree.traffic(self._pid)
        return numbers | self._cgroup.usage() | {"networks": networks}

    def update(self, limits: Limits) -> None:
        self._cgroup.limit(limits)  # what it cannot, the runtime's warnings name

    def oom_killed(self) -> bool:
        return self._cgroup.oom_killed()

    def resolver(self) -> tuple[socket.socket, socket.socket]:
        return self._resolver.sockets(self._pidfd)

    def descriptors(self) -> dict[int, Callable[[], None]]:
        return {}

    def root(self) -> str:
        return f"/proc/{self._pid}/root"

    def close(self) -> None:
        self._resolver.close()
        self._cgroup.remove()
        for descriptor in (self._pidfd, self._devpts, self._born_in):
            if descriptor >= 0:
                os.close(descriptor)
        self._pidfd = self._devpts = self._born_in = -1

    # ---- in the shim

    def _fork(
        self,
        child: Callable[[], None],
        channel: tuple[socket.socket, socket.socket],
        prefix: str,
        namespaces: int = 0,
    ) -> int:
        """Fork; run ``child``, which must not return. ``channel``: the shim's end and its."""
        program.changed_signals()  # found out here once, not in every child
        ours, theirs = channel
        pid = self._clone(namespaces)
        if pid == 0:
            ours.close()
            handshake.report(child, theirs, prefix)
        theirs.close()
        return pid

    def _clone(self, namespaces: int) -> int:
        if self._born_in >= 0:
            try:
                return kernel.clone(namespaces, self._born_in)
            except OSError:  # a sandbox without clone3, or a cgroup that is not ours to enter
                os.close(self._born_in)
                self._born_in = -1
        return kernel.clone(namespaces)

    def _allowed(self, spec: ProcessSpec) -> Privileges:
        """Asked for in the shim: the helper of ``enter`` has no /proc/self."""
        if not spec.privileged or self._spec.privileged:
            return self._privileges
        return program.privileges((), (), privileged=True, ulimits=self._spec.ulimits)

    def _hear(self, channel: socket.socket, said: bytes, given: list[int]) -> None:
        """The first process has its network and gives it, or its name server's sockets."""
        if said == _NETWORK:
            self._connect(channel, *given)
        else:
            self._resolver.keep(given)

    def _connect(self, channel: socket.socket, netns: int) -> None:
        """Put the interfaces of a bridge network into a network namespace."""
        keeper = self._keeper
        try:
            if keeper is None:
                raise OSError(
                    107, "the engine has no network of its own: use --network none or host"
                )
            for card in self._spec.network.interfaces:
                # Not named after the container: the card of a previous run may linger a moment.
                name = f"veth{os.urandom(4).hex()}"
                keeper.veth(card.bridge, name, card.mac, card.address, netns, card.name)
        finally:
            os.close(netns)
            if keeper is not None:
                keeper.close()
        with contextlib.suppress(BrokenPipeError):  # it gave up meanwhile, and has said why
            channel.send(b"g")

    def _network_of(self, other: str) -> int:
        folder = os.path.join(os.path.dirname(self._spec.directory), other)
        try:
            with open(f"{folder}/shim.json") as file:
                pid = json.load(file)["first"]
            return os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, ValueError, KeyError):
            text = f"cannot join network of a non running container: {other}"
            raise StartError(text, program.OTHER) from None

    def _signal_all(self, number: int) -> None:
        # Until nothing new shows up: what is not yet stopped may fork meanwhile.
        done: set[int] = set()
        while fresh := set(proctree.descendants([self._pid, *self._entered])) - done:
            for pid in fresh:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            done |= fresh

    # ---- in the child
    #
    # From program.connect on, the container's own names are looked up here. A link in it to
    # /proc/self/fd/N must not find a folder of the host's, so all such descriptors are closed.

    def _first(self, stdio: Stdio, channel: socket.socket, joined: int) -> None:
        spec = self._spec
        self._begin()
        kernel.unshare(self._namespaces())
        if joined >= 0:
            kernel.setns(joined, kernel.CLONE_NEWNET)
        bridged = spec.network.mode == "bridge"
        if bridged:
            _give_network(channel)  # meanwhile, mount
        program.connect(stdio)
        kernel.close_others([channel.fileno(), self._devpts])
        if spec.hostname:
            kernel.sethostname(spec.hostname)
        if spec.domainname:
            kernel.setdomainname(spec.domainname)
        filesystem.build(spec, self._devpts, self._cgroup.shown)
        program.make_directory(spec.process.cwd or "/")
        if stdio.tty:
            filesystem.show_console(os.readlink("/proc/self/fd/0"))
        if bridged and not channel.recv(1):
            os._exit(1)  # the shim gives up, and says why
        self._set_up_network()
        if spec.network.resolver:
            resolver.give(channel)
        filesystem.restrict(spec)
        user = program.become(spec.process, self._privileges)
        self._execute(spec.process, stdio, user, first=True)

    def _another(
        self, spec: ProcessSpec, stdio: Stdio, channel: socket.socket, allowed: Privileges
    ) -> None:
        self._begin()
        # Only those that are the container's own: the host's cannot be joined by an ordinary user.
        joined = self._namespaces()
        if self._spec.network.mode == "container":
            joined |= kernel.CLONE_NEWNET
        kernel.setns(self._pidfd, joined | kernel.CLONE_NEWPID)
        program.place(stdio)
        kernel.close_others([channel.fileno()])
        # Where it can be done outside of the container's view, even its privileges are given up
        # there. Being another user where there is one only takes /proc/self.
        user = None if allowed.fake_owner else program.become(spec, allowed)
        pid = kernel.clone(kernel.CLONE_PARENT)
        if pid:
            channel.send(b"%d" % pid)
            os._exit(0)
        kernel.hide()
        os.setsid()
        program.control(stdio)
        self._execute(spec, stdio, user or program.become(spec, allowed), first=False)

    def _begin(self) -> None:
        kernel.hide()
        signal.set_wakeup_fd(-1)
        os.setsid()
        self._cgroup.enter(born=self._born_in >= 0)

    def _namespaces(self) -> int:
        """Flags of the new namespaces that this container has, besides the one for pids."""
        flags = _ALWAYS
        if self._spec.network.mode in ("bridge", "none"):
            flags |= kernel.CLONE_NEWNET
        if self._cgroup.private:
            flags |= kernel.CLONE_NEWCGROUP
        return flags

    def _set_up_network(self) -> None:
        spec = self._spec
        if spec.network.mode in ("bridge", "none"):
            # In this order: for the settings the kernel does not wait for its lock on networks, it
            # tries again and again as long as another one is set up or removed. This waits for it.
            netlink.link_up("lo")
            sysctls.set_defaults()
            _set_up_cards(spec.network.interfaces)
        sysctls.apply(spec.sysctls, spec.network)

    def _execute(
        self, spec: ProcessSpec, stdio: Stdio, user: users.User, *, first: bool
    ) -> NoReturn:
        # Only now: a change of the user id undoes it. Should the shim die, so shall this.
        kernel.die_with_parent(signal.SIGKILL)
        program.change_directory(spec.cwd or "/")
        variables = program.environment(spec, user)
        path = program.find(spec.args[0], variables)
        if first and self._spec.init:
            if not self._executed:
                kernel.show()  # it stays what it is, and the shim has to get in by it
            init.run(lambda: program.execute(path, spec, variables), spec.args, stdio.tty)
        program.execute(path, spec, variables)


def _give_network(channel: socket.socket) -> None:
    """Only this process itself may always ask which network namespace it is in: it hides."""
    netns = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    socket.send_fds(channel, [_NETWORK], [netns])
    os.close(netns)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _set_up_cards(cards: tuple[Interface, ...]) -> None:
    for card in cards:
        netlink.add_address(card.name, card.address)
        netlink.link_up(card.name)
    gateway = next((card.gateway for card in cards if card.gateway), "")
    if gateway:
        netlink.add_route(gateway)
