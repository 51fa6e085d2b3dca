"""The template: a process with everything an engine needs loaded, which forks engines.

An engine so costs a fork, not the start of an interpreter, and shares its memory with the others.
Single-threaded (forking is safe); it knows nothing of what its engines are for. The spawner of an
engine's containers is forked, too (``run/shim/nursery.py``), where that is safe.

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
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from dockerlab.engine.lifeline import Lifeline
from dockerlab.engine.run import joining, kernel
from dockerlab.engine.run.shim import nursery
from dockerlab.errors import DockerlabError


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    spawners = nursery.start()  # before there is more in this process than a spawner needs
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # zombies vanish by themselves
    gc.freeze()  # else a collection in an engine would write to, and so copy, every page
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        for descriptor in descriptors:
            _fork(descriptor, spawners)
            os.close(descriptor)


def _load() -> None:
    """What an engine loads when it is first wanted, once for all."""
    from dockerlab.engine import commandline, starting

    commandline.parse(["--root", "/"])  # so that it has compiled what it is read by
    with starting.without_certificates():
        import_module("dockerlab.engine.serve")
        import_module("dockerlab.engine.build.builder")
        import_module("dockerlab.engine.net.kernel.keeperserver")


def _fork(descriptor: int, spawners: socket.socket) -> None:
    try:
        pid = os.fork()
    except OSError as error:
        line = Lifeline(socket.socket(fileno=os.dup(descriptor)))
        line.failed(f"an engine cannot be forked: {error.strerror}")
        return
    if pid == 0:
        _be_engine(Lifeline(socket.socket(fileno=descriptor)), spawners)


def _be_engine(line: Lifeline, spawners: socket.socket) -> NoReturn:
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        _serve(line, spawners)
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


def _serve(line: Lifeline, spawners: socket.socket) -> None:
    from dockerlab.engine import commandline, starting

    request, descriptors = line.request()
    kinds = request.get("namespaces") or ()
    spawner = _spawner(spawners, kinds, descriptors)
    kept = [spawner.fileno()] if spawner else []
    kernel.close_others([line.fileno(), *descriptors, *kept])
    if request.get("log"):
        _write_to(descriptors.pop())
    joining.enter(dict(zip(kinds, descriptors, strict=True)))
    _surround(request)
    options = commandline.parse([str(word) for word in request["arguments"]])
    kernel.set_title(["dockerlab-engine"])
    starting.start(options, line, spawner)


def _spawner(
    spawners: socket.socket, kinds: Sequence[str], namespaces: Sequence[int]
) -> socket.socket | None:
    """A warm one, for namespaces of other users: the only ones where it could serve."""
    if "user" not in kinds:
        return None
    with contextlib.suppress(OSError):
        return nursery.order(spawners, kinds, namespaces[: len(kinds)])
    return None


def _write_to(log: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((null, log, log)):
        os.dup2(source, number)
    os.close(null)
    os.close(log)


def _surround(request: Mapping[str, Any]) -> None:
    """The environment and the current folder."""
    if "environment" in request:
        os.environ.clear()
        os.environ.update(request["environment"])
    os.chdir(str(request.get("folder") or "/"))


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: nobody needs all that was loaded to be freed one by one
