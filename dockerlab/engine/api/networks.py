"""/networks: create, list, inspect, remove, prune; containers come and go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from dockerlab.engine.api.router import Route, api_version, empty, filters, json, json_body
from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.request import endpoints
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter, NotFound
from dockerlab.engine.net import creation

_UNIQUE = (1, 44)
"""From this version of the API on, two networks never have one name."""


async def listing(request: web.Request, daemon: Daemon) -> web.Response:
    networks = daemon.networks
    found = [networks.inspect(record) for record in networks.all(filters(request))]
    # As in Docker, a list does not say who is in them.
    return json([{**shown, "Containers": {}} for shown in found])


async def inspect(request: web.Request, daemon: Daemon) -> web.Response:
    term = request.match_info["id"]
    if request.query.get("scope", "local") not in ("", "local"):
        raise NotFound(f"network {term} not found")
    return json(daemon.networks.inspect(daemon.networks.get(term)))


async def create(request: web.Request, daemon: Daemon) -> web.Response:
    if not request.can_read_body:
        raise BadParameter("got EOF while reading request body")
    wish = creation.parse(await json_body(request))
    if api_version(request) >= _UNIQUE:
        wish = replace(wish, unique=True)
    record, warning = daemon.networks.create(wish)
    return json({"Id": record.id, "Warning": warning}, 201)


async def remove(request: web.Request, daemon: Daemon) -> web.Response:
    daemon.networks.remove(request.match_info["id"])
    return empty()


async def connect(request: web.Request, daemon: Daemon) -> web.Response:
    body, container = await _container(request, daemon)
    config = body.get("EndpointConfig")
    config = endpoints.parse({} if config is None else config)
    await daemon.containers.attachments.connect(container, request.match_info["id"], config)
    return empty(200)


async def disconnect(request: web.Request, daemon: Daemon) -> web.Response:
    _, container = await _container(request, daemon)
    await daemon.containers.attachments.disconnect(container, request.match_info["id"])
    return empty(200)


async def _container(request: web.Request, daemon: Daemon) -> tuple[dict[str, Any], Container]:
    if not request.can_read_body:
        raise BadParameter("got EOF while reading request body")
    body = await json_body(request)
    name = str(body.get("Container") or "")
    if not name:
        raise BadParameter('invalid name or ID supplied: ""')
    return body, daemon.containers.get(name)


async def prune(request: web.Request, daemon: Daemon) -> web.Response:
    wanted = filters(request)
    moments = [clock.parse(text) for text in wanted.pop("until", ())]
    removed = daemon.networks.prune(wanted, min(moments, default=None))
    return json({"NetworksDeleted": removed or None})


ROUTES = [
    Route("GET", "/networks", listing),
    Route("POST", "/networks/create", create),
    Route("POST", "/networks/prune", prune),
    Route("GET", "/networks/{id}", inspect),
    Route("DELETE", "/networks/{id}", remove),
    Route("POST", "/networks/{id}/connect", connect),
    Route("POST", "/networks/{id}/disconnect", disconnect),
]
