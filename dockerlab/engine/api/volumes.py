"""/volumes: list, create, inspect, remove, prune."""

from __future__ import annotations

import asyncio

from aiohttp import web

from dockerlab.engine.api.router import (
    Route,
    api_version,
    empty,
    filters,
    json,
    json_body,
    query_bool,
)
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter

_CAREFUL = (1, 42)
"""From this version of the API on, volumes with a name of their own are pruned only if asked."""


async def listing(request: web.Request, daemon: Daemon) -> web.Response:
    found = daemon.volumes.all(filters(request), daemon.containers.using_volume)
    return json({"Volumes": [volume.view() for volume in found], "Warnings": None})


async def create(request: web.Request, daemon: Daemon) -> web.Response:
    if not request.can_read_body:
        raise BadParameter("got EOF while reading request body")
    body = await json_body(request)
    volume = await asyncio.to_thread(
        daemon.volumes.create,
        str(body.get("Name") or ""),
        driver=str(body.get("Driver") or ""),
        options=body.get("DriverOpts"),
        labels=body.get("Labels"),
    )
    return json(volume.view(), 201)


async def inspect(request: web.Request, daemon: Daemon) -> web.Response:
    return json(daemon.volumes.get(request.match_info["name"]).view())


async def remove(request: web.Request, daemon: Daemon) -> web.Response:
    name = request.match_info["name"]
    users = daemon.containers.using_volume(name)
    force = query_bool(request, "force")
    await asyncio.to_thread(daemon.volumes.remove, name, force=force, users=users)
    return empty()


async def prune(request: web.Request, daemon: Daemon) -> web.Response:
    wanted = filters(request)
    named = True
    if api_version(request) >= _CAREFUL:
        named = (wanted.pop("all", None) or [""])[0].lower() in ("true", "1")
    removed, reclaimed = await asyncio.to_thread(
        daemon.volumes.prune, wanted, daemon.containers.using_volume, named=named
    )
    return json({"VolumesDeleted": removed, "SpaceReclaimed": reclaimed})


ROUTES = [
    Route("GET", "/volumes", listing),
    Route("POST", "/volumes/create", create),
    Route("POST", "/volumes/prune", prune),
    Route("GET", "/volumes/{name}", inspect),
    Route("DELETE", "/volumes/{name}", remove),
]
