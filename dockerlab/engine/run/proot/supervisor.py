"""Answers the system calls that a container's filter asks about, in the shim's poll loop.

Besides the network (``sockets.py``) these are the calls by which a process could reach others,
as there is no pid namespace: signals go to processes of this container only, ``kill 1`` means
its first process, and that one is as hard to end from inside as pid 1 of a namespace is.

Some calls are asked about just to know: the first execve of a program (it has started, and
which process it is), exit, and the signals that PRoot hands on. PRoot itself ends with 255 on
any signal, and with the code of whichever process ended last, so this is where exit codes
come from.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dockerlab.engine.run import proctree
from dockerlab.engine.run.proot import notifier, procstatus, seccomp
from dockerlab.engine.run.proot.notifier import Call, Gone
from dockerlab.engine.run.proot.sockets import Refused, Sockets

_HARMLESS_SIGNALS = frozenset(
    {
        signal.SIGCHLD,
        signal.SIGCONT,
        signal.SIGURG,
        signal.SIGWINCH,
        signal.SIGSTOP,
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
    }
)
"""Signals that end nobody."""

_MASK = b"~"
_UNMASKED = b"PATH"
_NEEDLESS = signal.SIGURG
"""A signal that programs ignore, and that PRoot hands on nevertheless."""
_PRIO_PROCESS = 0
_MAX_VARIABLES = 65536
_BATCH = 64


@dataclass(slots=True)
class Program:
    """The container's first program or one by exec, under a PRoot (``tracer``) of its own."""

    tracer: int
    pid: int = 0
    """0 until it has started."""
    code: int | None = None
    """How it ended, as far as we were told."""
    detached: bool = False
    """Whether PRoot has let go of the program's output."""


class Supervisor:
    """All programs of one container. ``hostname`` is what uname says inside."""

    def __init__(
        self,
        sockets: Sockets,
        hostname: str,
        *,
        domainname: str = "",
        init: bool = False,
        most_processes: int = 0,
    ) -> None:
        self.epoll = select.epoll()
        self.programs: dict[int, Program] = {}
        """By their tracer's pid."""
        self.first: Program | None = None
        self.most_processes = most_processes
        self._watched: dict[int, Callable[[int], None]] = {}
        self._hostname = hostname
        self._domainname = domainname
        self._init = init
        self._handlers = self._table(sockets)

    def _table(self, sockets: Sockets) -> dict[int, Callable[[Call], None]]:
        named: dict[str, Callable[[Call], None]] = {
            "bind": sockets.bind,
            "listen": sockets.listen,
            "connect": sockets.connect,
            "sendto": sockets.sendto,
            "sendmsg": sockets.sendmsg,
            "sendmmsg": sockets.sendmmsg,
            "setsockopt": sockets.setsockopt,
            "getsockname": sockets.getsockname,
            "getpeername": sockets.getpeername,
            "kill": self._kill,
            "tkill": self._signal_thread,
            "tgkill": self._signal_thread,
            "rt_sigqueueinfo": self._only_inside,
            "rt_tgsigqueueinfo": self._only_inside,
            "fcntl": self._own,
            "uname": self._uname,
            "execve": self._execve,
            "exit": self._exit,
            "exit_group": self._exit,
            "ptrace": self._hand_on,
            "clone": self._fork,
            "fork": self._fork,
            "vfork": self._fork,
            "setpriority": self._prioritise,
            "ioprio_set": self._prioritise,
        }
        table = {seccomp.NUMBERS[name]: handler for name, handler in named.items()}
        others = "prlimit64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler"
        return table | {seccomp.NUMBERS[name]: self._only_inside for name in others.split()}

    # ---- listening

    def add(self, listener: int, tracer: int) -> Program:
        """Listen to a new program's filter; the descriptor is ours from now on."""
        program = self.programs[tracer] = Program(tracer)
        if self.first is None:
            self.first = program
        self.epoll.register(listener, select.EPOLLIN)
        return program

    def watch(self, descriptor: int, ready: Callable[[int], None]) -> None:
        """Watch one more descriptor, once: call ``ready`` with it, which closes it."""
        self._watched[descriptor] = ready
        self.epoll.register(descriptor, select.EPOLLIN)

    def handle(self, timeout: float = 0) -> None:
        """Answer what waits. ``timeout``: seconds to wait for it."""
        for _ in range(_BATCH):
            events = self.epoll.poll(timeout)
            timeout = 0
            if not events:
                return
            for listener, event in events:
                if listener in self._watched:
                    self.epoll.unregister(listener)
                    self._watched.pop(listener)(listener)
                elif event & select.EPOLLIN:
                    self._receive(listener)
                elif event & select.EPOLLHUP:  # nobody is left under this filter
                    self.epoll.unregister(listener)
                    os.close(listener)

    def _receive(self, listener: int) -> None:
        call = notifier.receive(listener)
        if call is None:
            return
        try:
            self._handlers[call.number](call)
        except Gone:
            pass
        except Refused as refused:
            call.fail(refused.number)
        except ProcessLookupError:
            call.fail(errno.ESRCH)
        except OSError as e:
            call.fail(e.errno or errno.EPERM)
        except KeyError:
            call.fail(errno.ENOSYS)
        finally:
            call.close()

    # ---- who is inside

    def inside(self, pid: int) -> bool:
        """Whether a process or thread is this container's: below us, and no PRoot."""
        if pid in self.programs:
            return False
        us = os.getpid()
        for _ in range(256):
            if pid <= 1:
                return False
            pid = procstatus.parent(pid)
            if pid == us:
                return True
        return False

    def processes(self) -> list[int]:
        """All processes of the container, the first one first."""
        found = [p for p in proctree.descendants([os.getpid()])[1:] if p not in self.programs]
        first = self.first.pid if self.first else 0
        return sorted(found, key=lambda pid: pid != first)

    # ---- signals

    def send(self, pid: int, number: int, *, outside: bool = False) -> None:
        """Send a signal as the kernel would within a pid namespace.

        The first process gets only what it handles; from ``outside`` also KILL and STOP.
        Raises ProcessLookupError.
        """
        is_first = self.first is not None and pid == self.first.pid
        forced = outside and number in (signal.SIGKILL, signal.SIGSTOP)
        if is_first and number and not (forced or self._init or procstatus.handles(pid, number)):
            return
        os.kill(pid, number)
        if number == signal.SIGKILL:
            for program in self.programs.values():
                if program.pid == pid:
                    program.code = 128 + number

    def _kill(self, call: Call) -> None:
        target, number = call.signed(0), call.signed(1)
        if target in (0, -1) or target < -1:
            return self._kill_many(call, target, number)
        if target == 1 and self.first is not None:
            target = self.first.pid
        if not self.inside(target):
            return call.fail(errno.ESRCH)
        if target == call.pid and (self.first is None or target != self.first.pid):
            return call.go_on()  # so it arrives before the call returns
        self.send(target, number)
        return call.succeed()

    def _kill_many(self, call: Call, target: int, number: int) -> None:
        caller = procstatus.process_of(call.pid)
        if target == -1:
            first = self.first.pid if self.first else 0
            found = [p for p in self.processes() if p not in (caller, first)]
        else:
            group = -target if target else os.getpgid(caller)
            found = [p for p in self.processes() if procstatus.group(p) == group]
            found.sort(key=lambda pid: pid == caller)
        if not found:
            return call.fail(errno.ESRCH)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                self.send(pid, number)
        return call.succeed()

    def _signal_thread(self, call: Call) -> None:
        """tkill(thread, signal), tgkill(process, thread, signal)."""
        target, number = call.signed(0), call.signed(len(NUMBERS_BEFORE_SIGNAL[call.number]))
        if target == 1 and self.first is not None:
            self.send(self.first.pid, number)
            return call.succeed()
        return self._only_inside(call)

    def _only_inside(self, call: Call) -> None:
        """Calls whose first argument is the process they act on."""
        if self.inside(call.signed(0)):
            call.go_on()
        else:
            call.fail(errno.ESRCH)

    def _prioritise(self, call: Call) -> None:
        """setpriority and ioprio_set: (kind, who, …)."""
        if call.signed(0) == _first_kind(call.number) and self.inside(call.signed(1)):
            call.go_on()
        else:
            call.fail(errno.EPERM)

    def _own(self, call: Call) -> None:
        """fcntl F_SETOWN: who shall get SIGIO."""
        target = call.signed(2)
        group = (
            [p for p in self.processes() if procstatus.group(p) == -target] if target < 0 else []
        )
        if target == 0 or group or self.inside(target):
            call.go_on()
        else:
            call.fail(errno.EPERM)

    # ---- what we want to know

    def _execve(self, call: Call) -> None:
        if call.pid not in self.programs:
            program = self.programs.get(procstatus.parent(call.pid))
            if program is not None and not program.pid:
                _unmask(call)
                program.pid = call.pid
                # PRoot is now going to make a call, at which it can be detached (_hand_on).
                os.kill(call.pid, _NEEDLESS)
        call.go_on()

    def _exit(self, call: Call) -> None:
        self._note(call.pid, call.signed(0) & 0xFF, call.number == seccomp.NUMBERS["exit_group"])
        call.go_on()

    def _hand_on(self, call: Call) -> None:
        """PRoot lets a process go on with a signal."""
        pid, number = call.signed(1), call.signed(3)
        program = self.programs.get(call.pid)
        if program is not None and program.pid and not program.detached:
            program.detached = True
            _detach(call)
        if (
            program is not None
            and number not in _HARMLESS_SIGNALS
            and procstatus.deadly(pid, number)
        ):
            self._note(pid, 128 + number, True)
        call.go_on()

    def _note(self, thread: int, code: int, whole_process: bool) -> None:
        pids = {p.pid: p for p in self.programs.values() if p.pid}
        program = pids.get(thread)
        if program is None and whole_process:
            program = pids.get(procstatus.process_of(thread))
        if program is not None and program.code is None:
            program.code = code

    def _fork(self, call: Call) -> None:
        threads = sum(procstatus.threads(pid) for pid in self.processes())
        if self.most_processes and threads >= self.most_processes:
            call.fail(errno.EAGAIN)
        else:
            call.go_on()

    def _uname(self, call: Call) -> None:
        """The container's name instead of the machine's."""
        real = os.uname()
        fields = (
            *(real.sysname, self._hostname or real.nodename, real.release, real.version),
            *(real.machine, self._domainname or "(none)"),
        )
        call.write(call.arguments[0], b"".join(_field(text) for text in fields))
        call.succeed()


NUMBERS_BEFORE_SIGNAL = {
    seccomp.NUMBERS["tkill"]: ("thread",),
    seccomp.NUMBERS["tgkill"]: ("process", "thread"),
}
"""What comes before the signal's number in the arguments."""


def _first_kind(number: int) -> int:
    """PRIO_PROCESS is 0, IOPRIO_WHO_PROCESS is 1."""
    return 1 if number == seccomp.NUMBERS["ioprio_set"] else _PRIO_PROCESS


def _field(text: str) -> bytes:
    return text.encode()[:64].ljust(65, b"\0")


def _detach(call: Call) -> None:
    """Take PRoot's standard descriptors away.

    It would keep the program's output open until the last daemon has ended, and write to it.
    """
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    try:
        for number in (0, 1, 2):
            call.give(null, number)
    except OSError:
        pass  # before Linux 5.9
    finally:
        os.close(null)


def mask(variables: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """An environment that means nothing to PRoot, nor to the dynamic loader that starts it.

    PRoot is not shut in as its programs are, and LD_PRELOAD or PROOT_… are the container's to
    choose. It may see PATH, in which it looks for the program. _unmask is the way back.
    """
    return {name if name == _UNMASKED else _MASK + name: value for name, value in variables.items()}


def _unmask(call: Call) -> None:
    """Give a program about to start the variables that are its own, and none of PRoot's."""
    start, kept = call.arguments[2], list[int]()
    for index in range(_MAX_VARIABLES):
        (pointer,) = struct.unpack("Q", call.read(start + 8 * index, 8))
        if pointer == 0:
            break
        if _reads(call, pointer, _MASK):
            kept.append(pointer + len(_MASK))
        elif _reads(call, pointer, _UNMASKED + b"="):
            kept.append(pointer)
    call.write(start, struct.pack(f"{len(kept) + 1}Q", *kept, 0))


def _reads(call: Call, pointer: int, text: bytes) -> bool:
    try:
        return call.read(pointer, len(text)) == text
    except OSError:
        return False
