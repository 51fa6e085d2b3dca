"""The engine's event loop: from the services to the socket, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
from pathlib import Path

from dockerlab.engine import daemon as daemons
from dockerlab.engine.api import (
    build,
    containers,
    exec,
    files,
    images,
    networks,
    streams,
    system,
    volumes,
)
from dockerlab.engine.api.server import Server
from dockerlab.engine.lifeline import Lifeline
from dockerlab.engine.run.choose import Choice
from dockerlab.engine.run.home import Home
from dockerlab.engine.settings import Settings
from dockerlab.errors import DockerlabError

log = logging.getLogger("dockerlab.engine")

ROUTES = [
    route
    for module in (system, build, containers, streams, exec, files, images, networks, volumes)
    for route in module.ROUTES
]


def serve(
    root: Path,
    choice: Choice,
    home: Home,
    settings: Settings,
    socket: Path,
    line: Lifeline | None = None,
) -> None:
    """Run the engine until SIGTERM, SIGINT or the end of the line. Raises DockerlabError."""
    # As Docker Engine: whoever started it, folders made for containers are open to their users.
    os.umask(0o022)
    try:
        asyncio.run(_serve(root, choice, home, settings, socket, line))
    except DockerlabError as error:
        log.error("%s", error)
        raise


async def _serve(
    root: Path,
    choice: Choice,
    home: Home,
    settings: Settings,
    socket: Path,
    line: Lifeline | None,
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    daemon = daemons.build(root, choice, home, settings)
    await daemon.start()
    server = Server(ROUTES, daemon, socket)
    await server.start()
    daemon.ready(socket)
    if line is not None:
        loop.add_reader(line, ended.set)
        line.ready(str(socket))
    log.info("ready on %s with %s: %s", socket, choice.name, choice.why)
    _settle()
    await ended.wait()
    log.info("stopping")
    if line is not None:
        loop.remove_reader(line)
    await daemon.stop()
    await server.stop()


def _settle() -> None:
    """Give back what only the start needed, and leave what stays for ever out of collections."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
