"""``python -m …inside.template FD [IMAGES]``: has everything imported, and forks boxes.

On the inherited SOCK_SEQPACKET socket FD come packets of a grader's pid and a turn with one
descriptor: the socket on which that grader asks a branch of the template, a fork of it, for boxes
with the ids of that turn. The requests are JSON, the limits and cgroups of a box, with its two
sockets (see ``holder``) and the entrances of its cgroups. The end of a socket ends who listens
there, not the boxes.

It has one thread, and in its memory nothing that a submission may not read: it is started with
an environment of its own, and never loads an exercise.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from dockerlab.engine.run import kernel
from dockerlab.grading.classroom.sandbox.inside import calls, cells, holder, namespaces, places
from dockerlab.grading.classroom.sandbox.inside.holder import Holder
from dockerlab.grading.classroom.sandbox.inside.namespaces import Ids
from dockerlab.grading.classroom.seam import Limits

_PACKET = 1 << 16
_DESCRIPTORS = 32


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    images = sys.argv[2] if len(sys.argv) > 2 else ""
    kernel.set_title(["dockerlab-sandbox"])  # where the images are is nobody's business in a box
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, who then ends us
    cells.warm_up()
    if threading.active_count() > 1:
        raise RuntimeError("a template must have one thread")
    for words, descriptors in _packets(control):
        grader, turn = map(int, words.split())
        _fork(descriptors, partial(_branch, namespaces.ids(grader, turn), descriptors, images))


def _packets(control: socket.socket) -> Iterator[tuple[bytes, list[int]]]:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for children here
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _PACKET, _DESCRIPTORS)
        if not data:
            return
        yield data, descriptors


def _fork(descriptors: list[int], child: Callable[[], None]) -> None:
    """Have a child that owns these descriptors do something, and end."""
    if os.fork() == 0:
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            kernel.close_others(descriptors)
            child()
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    for descriptor in descriptors:
        os.close(descriptor)


def _branch(ids: Ids, descriptors: list[int], images: str) -> None:
    """Fork boxes with these ids."""
    requests = socket.socket(fileno=descriptors[0])
    if images and ids.count > 1:
        _lend(images, ids)
    for request, given in _packets(requests):
        _fork(given, partial(_be_box, json.loads(request), given, ids, images))


def _be_box(request: dict[str, Any], descriptors: list[int], ids: Ids, images: str) -> None:
    control, pages, *cgroups = descriptors
    limits = Limits(**request["limits"])
    held = Holder(
        *(socket.socket(fileno=control), socket.socket(fileno=pages), limits, ids, tuple(cgroups))
    )
    try:
        for entrance in cgroups:
            os.write(entrance, b"0")
        # What is below /root is found as root only, an ordinary user may bind in a namespace only.
        shown = places.shown(images) if ids.count > 1 else None
        with contextlib.suppress(PermissionError):  # not for an ordinary user
            os.nice(-5)
        namespaces.enter(ids, limits.pids)
        shown = shown or places.shown(images)
        if kernel.clone(kernel.CLONE_NEWPID | kernel.CLONE_PARENT) == 0:
            holder.hold(held, shown, request["cgroups"])
    except OSError as error:
        held.say("failed", error=str(error))


def _lend(images: str, ids: Ids) -> None:
    """Show the images, in this process's mounts, as if they were the boxes' own."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.make_private()
    tree = kernel.clone_mount(images)
    space = _user_namespace(ids)
    calls.map_owners(tree, space)
    os.close(space)
    kernel.attach(tree, images)


def _user_namespace(ids: Ids) -> int:
    """A descriptor of a user namespace like those of the boxes."""
    told, tell = os.pipe()
    ended, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(end)
        try:
            namespaces.new_user_namespace(0, ids)
            os.write(tell, b"x")
            os.read(ended, 1)
        finally:
            os._exit(0)
    os.close(tell)
    os.read(told, 1)
    space = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    for descriptor in (told, ended, end):
        os.close(descriptor)
    os.waitpid(pid, 0)
    return space


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: nobody needs all that was loaded to be freed one by one
