"""/build: what is asked of the builder. Loaded with the first build, see ``building.py``."""

from __future__ import annotations

import asyncio
import importlib

from aiohttp import web

from dockerlab.engine.api.router import Route, json
from dockerlab.engine.daemon import Daemon


async def build(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    # In a thread: it takes a fifth of a second, in which the others are to be answered.
    await asyncio.to_thread(importlib.import_module, "dockerlab.engine.api.building")
    from dockerlab.engine.api import building

    return await building.build(request, daemon)


async def prune(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.builds.prune()
    # As of Docker's classic builder, whose cache is nothing but images.
    return json({"CachesDeleted": None, "SpaceReclaimed": 0})


ROUTES = [
    Route("POST", "/build", build, cancellable=True),
    Route("POST", "/build/prune", prune),
]
