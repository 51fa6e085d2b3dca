"""From the options to an engine at work.

Order matters: the runtime is tried and namespaces are entered in a process with one thread, and,
unless a template has it all loaded already, with little memory: before asyncio and aiohttp.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dockerlab.engine import commandline
from dockerlab.engine.errors import ServerError
from dockerlab.engine.lifeline import Lifeline
from dockerlab.engine.run import choose, home
from dockerlab.engine.run.choose import Choice
from dockerlab.engine.run.home import Home
from dockerlab.errors import DockerlabError


def start(
    options: argparse.Namespace,
    line: Lifeline | None = None,
    spawner: socket.socket | None = None,
) -> None:
    """Run the engine until SIGTERM, SIGINT or the end of its line. Raises DockerlabError.

    ``spawner``: the way to a warm one, which a template has in these namespaces.
    """
    root = Path(os.path.abspath(options.root))
    settings = commandline.settings(options)
    settings.check()
    with locked(root):
        choice, place = _settled(root, options.runtime, warm=line is not None)
        _log_to(root / "engine.log", options.log_level)
        with without_certificates():
            from dockerlab.engine.serve import serve

        place = replace(place, spawner=spawner)
        path = Path(os.path.abspath(options.socket)) if options.socket else root / "docker.sock"
        serve(root, choice, place, settings, path, line)


def _settled(root: Path, runtime: str, *, warm: bool) -> tuple[Choice, Home]:
    """The runtime that works here, and this process in its namespaces.

    A template's (``warm``) takes the one that was asked for without a trial, which costs more than
    all else: many engines are started in the same surroundings.
    """
    with _plainly(root):
        choice = choose.untried(runtime) if warm else None
        choice = choice or choose.choose(root, runtime)
        inside = choice.name == "namespaces"
        place = home.enter(root, warm=warm) if inside else home.outside(root)
    return choice, place


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Make sure that no other engine uses this folder; the lock goes with the process."""
    with _plainly(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(root / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DockerlabError(
            f"another engine already uses {root}",
            "Use that one, stop it (dockerlab engine stop), or give another --root.",
        ) from None
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _plainly(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServerError(f"{root}: {error.strerror}") from error


@contextlib.contextmanager
def without_certificates() -> Iterator[None]:
    """For the import of aiohttp, which loads the system's certificates: 2 MB for good.

    They are for a context that the engine never uses; each pull makes its own
    (``registry/access.py``).
    """
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    before = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.update(dict.fromkeys(names, os.devnull))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)


def _log_to(path: Path, level: str) -> None:
    logging.basicConfig(
        filename=path,
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
