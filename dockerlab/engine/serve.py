"""The engine's event loop: from the services to the socket, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import sys
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
from dockerlab.engine.run.choose import Choice
from dockerlab.engine.run.home import Home
from dockerlab.errors import DockerlabError

log = logging.getLogger("dockerlab.engine")

ROUTES = [
    route
    for module in (system, build, containers, streams, exec, files, images, networks, volumes)
    for route in module.ROUTES
]


def serve(root: Path, choice: Choice, home: Home, socket: Path) -> int:
    """Run the engine until SIGTERM or SIGINT; the exit code."""
    try:
        asyncio.run(_serve(root, choice, home, socket))
    except DockerlabError as error:
        log.error("%s", error)
        print(f"dockerlab engine: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(root: Path, choice: Choice, home: Home, socket: Path) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    daemon = daemons.build(root, choice, home)
    await daemon.start()
    server = Server(ROUTES, daemon, socket)
    await server.start()
    daemon.ready(socket)
    log.info("ready on %s with %s: %s", socket, choice.name, choice.why)
    _settle()
    await ended.wait()
    log.info("stopping")
    await daemon.stop()
    await server.stop()


def _settle() -> None:
    """Give back what only the start needed, and leave what stays for ever out of collections."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(AttributeError, OSError):  # glibc only
        ctypes.CDLL(None).malloc_trim(0)
