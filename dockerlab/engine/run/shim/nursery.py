"""Spawners for the engines of a template: forked, instead of a new Python each.

The nursery is a child of the template's, with no more loaded than a spawner needs. A spawner of
its own gets into the namespaces of its engine. It is not executed there, and that matters: the
file that ``/proc/self/exe`` means in its containers is the machine's Python, by a mount that can
be written to; and what hides of it the kernel shows to nobody who is in those namespaces. So it
serves only where nobody there can own that file, nor needs to be another user by a file of /proc;
its processes say themselves which network is theirs, and those that stay do not hide. What they
show is the template's: its environment must be one that anybody may read.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from dockerlab.engine.run import joining, kernel
from dockerlab.engine.run.namespaces.namespaces import Namespaces
from dockerlab.engine.run.program.program import single_user
from dockerlab.engine.run.shim import spawner

_PACKET = 4096
_DESCRIPTORS = 8


def start() -> socket.socket:
    """Fork the nursery; the way to it, whose end is its end. The caller has one thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        _forked(partial(_serve, theirs), [theirs.fileno()])
    theirs.close()
    return ours


def order(nursery: socket.socket, kinds: Sequence[str], namespaces: Sequence[int]) -> socket.socket:
    """The way to a new spawner in these namespaces, by kind. It ends at once where there can be
    none; so it does when the nursery has ended. Raises OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        words = json.dumps(list(kinds)).encode()
        socket.send_fds(nursery, [words], [theirs.fileno(), *namespaces])
    return ours


def _serve(requests: socket.socket) -> None:
    kernel.set_title(["dockerlab-nursery"])
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # zombies vanish by themselves
    os.environ.clear()
    gc.collect()
    gc.freeze()  # else a collection in a shim would write to, and so copy, every page
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, _PACKET, _DESCRIPTORS)
        if not data:
            return
        if os.fork() == 0:
            _forked(partial(_be_spawner, json.loads(data), *descriptors), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _forked(child: partial[None], descriptors: Sequence[int]) -> NoReturn:
    try:
        kernel.close_others(descriptors)
        child()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(0)


def _be_spawner(kinds: Sequence[str], control: int, *namespaces: int) -> None:
    os.setsid()
    joining.enter(dict(zip(kinds, namespaces, strict=True)))
    if single_user() or not _is_nobodys(sys.executable):
        return
    kernel.show()
    kernel.set_title(["dockerlab-spawner"])
    Namespaces.prepare()
    factory = partial(Namespaces, executed=False)
    spawner.serve(socket.socket(fileno=control), factory)


def _is_nobodys(path: str) -> bool:
    """Whether a file belongs to nobody in this process's user namespace, whatever its root."""
    nobody = [int(Path(f"/proc/sys/kernel/overflow{kind}").read_text()) for kind in ("uid", "gid")]
    found = os.stat(path)
    return [found.st_uid, found.st_gid] == nobody
