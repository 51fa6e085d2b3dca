"""The spawner: a small process that has everything a shim needs imported, and forks shims.

A shim so costs a fork of about a millisecond, not the start of an interpreter. Single-threaded
(forking is safe) and without asyncio (every shim shares its memory).

    python -m dockerlab.engine.run.shim.spawner FD MODULE:FACTORY

On the inherited SOCK_SEQPACKET socket FD come packets of one byte, each with one descriptor: SHIM
with the socket on which a new shim will be told what to run, LOG with the file to write to. When
the engine ends, so does the spawner; the shims are sessions of their own and stay. They are its
children until then, so that even where nobody else reaps orphans no zombie stays while the engine
runs.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
from typing import NoReturn, cast

from dockerlab.engine.run import kernel
from dockerlab.engine.run.shim import shim
from dockerlab.engine.run.shim.isolation import Factory

SHIM, LOG = b"s", b"l"


def serve(control: socket.socket, factory: Factory) -> None:
    """Fork a shim for every descriptor that comes, until the engine closes its end."""
    # Zombies vanish by themselves; the shim sets its own handler.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # it is the way to the engine
            if data == LOG:
                _write_to(descriptor)
            else:
                _fork(descriptor, factory)
            os.close(descriptor)


def _write_to(log: int) -> None:
    for number in (1, 2):
        os.dup2(log, number)


def _fork(descriptor: int, factory: Factory) -> None:
    try:
        pid = os.fork()
    except OSError as error:
        with socket.socket(fileno=os.dup(descriptor)) as channel:
            text = f"failed to create shim task: fork: {error.strerror}: unknown"
            shim.answer(channel, {"error": text, "code": 128})
        return
    if pid == 0:
        _be_shim(descriptor, factory)


def _be_shim(descriptor: int, factory: Factory) -> NoReturn:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        shim.run(socket.socket(fileno=descriptor), factory)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    os._exit(1)


def load(name: str) -> Factory:
    """The isolation's factory, named as ``module:attribute``."""
    module, _, attribute = name.partition(":")
    return cast(Factory, getattr(importlib.import_module(module), attribute))


def main() -> None:
    descriptor, factory = int(sys.argv[1]), load(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    kernel.set_title(["dockerlab-spawner"])
    prepare = getattr(factory, "prepare", None)
    if prepare is not None:
        prepare()
    gc.collect()
    gc.freeze()  # else the first collection in a shim would write to, and so copy, every page
    serve(socket.socket(fileno=descriptor), factory)


if __name__ == "__main__":
    main()
