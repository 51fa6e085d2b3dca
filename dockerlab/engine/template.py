"""The template: a process with everything an engine needs loaded, which forks engines.

An engine so costs a fork, not the start of an interpreter, and shares its memory with the others.
Single-threaded (forking is safe); it knows nothing of what its engines are for. Only the spawner
of its containers is a new Python: whether a shim may look into a hidden process of its container
is up to the user namespace in which that process's program was executed, which has to be theirs.

    python -m dockerlab.engine.template FD

On the inherited SOCK_SEQPACKET socket FD come packets of one byte, each with one descriptor: the
connection on which the new engine will be told what to do. When the other end is closed the
template ends; each engine goes on until its own connection is closed (or SIGTERM).

The request is one packet of JSON with descriptors::

    {"arguments": ["--root", …],           as for python -m dockerlab.engine
     "namespaces": ["user", "mnt", …],     to be entered, a descriptor each
     "environment": {…},                   absent: the template's own
     "folder": "/",                        the current folder
     "log": true}                          one more descriptor, the last: for output and errors

The answer is ``{"ready": "/…/docker.sock"}`` with the engine's pidfd, or ``{"error": "…"}``.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from dockerlab.engine import commandline, starting
from dockerlab.engine.lifeline import Lifeline
from dockerlab.engine.run import kernel
from dockerlab.errors import DockerlabError

with starting.without_certificates():
    # What an engine loads when it is first wanted is loaded here, once for all.
    from dockerlab.engine import serve as serve
    from dockerlab.engine.build import builder as builder
    from dockerlab.engine.net.kernel import keeperserver as keeperserver

_KINDS = {
    "user": kernel.CLONE_NEWUSER,
    "pid": kernel.CLONE_NEWPID,
    "mnt": kernel.CLONE_NEWNS,
    "net": kernel.CLONE_NEWNET,
    "ipc": kernel.CLONE_NEWIPC,
    "uts": kernel.CLONE_NEWUTS,
}
"""In the order in which they are entered: the first gives the right to enter the others."""


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # zombies vanish by themselves
    gc.collect()
    gc.freeze()  # else a collection in an engine would write to, and so copy, every page
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        for descriptor in descriptors:
            _fork(descriptor)
            os.close(descriptor)


def _fork(descriptor: int) -> None:
    try:
        pid = os.fork()
    except OSError as error:
        line = Lifeline(socket.socket(fileno=os.dup(descriptor)))
        line.failed(f"an engine cannot be forked: {error.strerror}")
        return
    if pid == 0:
        _be_engine(Lifeline(socket.socket(fileno=descriptor)))


def _be_engine(line: Lifeline) -> NoReturn:
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        _serve(line)
        code = 0
    except DockerlabError as error:
        line.failed(str(error))
    except OSError as error:
        line.failed(f"{error.filename or ''} {error.strerror}".strip())
    except SystemExit:
        line.failed("these are no arguments for an engine")  # which ones is in its log
    except EOFError:
        pass
    except BaseException as error:
        line.failed(repr(error))
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _serve(line: Lifeline) -> None:
    request, descriptors = line.request()
    kernel.close_others([line.fileno(), *descriptors])
    if request.get("log"):
        _write_to(descriptors.pop())
    _enter(dict(zip(request.get("namespaces") or (), descriptors, strict=True)))
    _surround(request)
    options = commandline.parse([str(word) for word in request["arguments"]])
    kernel.set_title(["dockerlab-engine"])
    starting.start(options, line)


def _write_to(log: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((null, log, log)):
        os.dup2(source, number)
    os.close(null)
    os.close(log)


def _enter(namespaces: Mapping[str, int]) -> None:
    """Raises OSError, KeyError for a kind of namespace that there is not."""
    for kind in sorted(namespaces, key=list(_KINDS).index):
        kernel.setns(namespaces[kind], _KINDS[kind])
        os.close(namespaces[kind])
        if kind == "user":
            _become_root()
        elif kind == "pid" and kernel.clone(kernel.CLONE_PARENT):
            # Only children get in there. Ours is the template's own, which reaps it at once: a
            # zombie would keep the namespace for as long as the machine's init takes its time.
            os._exit(0)


def _become_root() -> None:
    """In a user namespace just entered."""
    with contextlib.suppress(PermissionError):  # where groups may not be changed
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _surround(request: Mapping[str, Any]) -> None:
    """The environment and the current folder."""
    if "environment" in request:
        os.environ.clear()
        os.environ.update(request["environment"])
    os.chdir(str(request.get("folder") or "/"))


if __name__ == "__main__":
    main()
