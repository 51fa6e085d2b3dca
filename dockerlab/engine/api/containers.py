"""/containers: create, list, inspect, and everything that changes one and answers at once."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from dockerlab.engine.api.router import (
    JSONStream,
    Route,
    api_version,
    empty,
    filters,
    json,
    json_body,
    query_bool,
    query_int,
)
from dockerlab.engine.containers.commit import Wish
from dockerlab.engine.containers.container import Container
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter, Conflict, NotFound

_SEVERAL_NETWORKS = (1, 44)
"""From this version of the API on, a container may be made in several networks at once."""


def named(request: web.Request, daemon: Daemon) -> Container:
    """The container of the path. Raises NotFound."""
    return daemon.containers.get(request.match_info["name"])


async def listed(request: web.Request, daemon: Daemon) -> web.Response:
    found = daemon.containers.summaries(
        filters(request),
        all=query_bool(request, "all"),
        limit=query_int(request, "limit", 0) or 0,
    )
    if query_bool(request, "size"):
        found = [line for line in found if await _measured(line, daemon)]
    return json(found)


async def _measured(line: dict[str, Any], daemon: Daemon) -> bool:
    """Add the sizes to a container's line; False when it was removed since it was listed."""
    container = None
    try:
        container = daemon.containers.get(line["Id"])
        written, whole = await daemon.containers.sizes(container)
    except (NotFound, OSError):
        if container is None or container.removing:
            return False
        raise
    line |= {"SizeRw": written, "SizeRootFs": whole} if written else {"SizeRootFs": whole}
    return True


async def create(request: web.Request, daemon: Daemon) -> web.Response:
    body = await json_body(request)
    name = request.query.get("name", "")
    several = api_version(request) >= _SEVERAL_NETWORKS
    made, warnings = await daemon.containers.create(name, body, several_networks=several)
    return json({"Id": made.id, "Warnings": warnings}, 201)


async def inspect(request: web.Request, daemon: Daemon) -> web.Response:
    container = named(request, daemon)
    shown = daemon.containers.inspect(container)
    if query_bool(request, "size"):
        written, whole = await daemon.containers.sizes(container)
        shown |= {"SizeRw": written, "SizeRootFs": whole}
    return json(shown)


async def start(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.start(named(request, daemon))
    return empty()


def _timeout(request: web.Request) -> int | None:
    return query_int(request, "t")


async def stop(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.stop(named(request, daemon), _timeout(request))
    return empty()


async def restart(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.restart(named(request, daemon), _timeout(request))
    return empty()


async def kill(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.kill(named(request, daemon), request.query.get("signal", ""))
    return empty()


async def pause(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.pause(named(request, daemon))
    return empty()


async def unpause(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.unpause(named(request, daemon))
    return empty()


async def rename(request: web.Request, daemon: Daemon) -> web.Response:
    await daemon.containers.rename(named(request, daemon), request.query.get("name", ""))
    return empty()


async def update(request: web.Request, daemon: Daemon) -> web.Response:
    container = named(request, daemon)
    warnings = await daemon.containers.update(container, await json_body(request))
    return json({"Warnings": warnings or None})


async def resize(request: web.Request, daemon: Daemon) -> web.Response:
    container = named(request, daemon)
    rows, columns = dimensions(request)
    await daemon.containers.resize(container, rows, columns)
    return empty(200)


def dimensions(request: web.Request) -> tuple[int, int]:
    """``h`` and ``w`` of the query."""
    rows, columns = query_int(request, "h"), query_int(request, "w")
    if rows is None or columns is None:
        raise BadParameter('strconv.Atoi: parsing "": invalid syntax')
    return min(max(rows, 0), 65535), min(max(columns, 0), 65535)


async def remove(request: web.Request, daemon: Daemon) -> web.Response:
    if query_bool(request, "link"):
        raise Conflict("Conflict, cannot remove the default name of the container")
    await daemon.containers.remove(
        named(request, daemon), force=query_bool(request, "force"), volumes=query_bool(request, "v")
    )
    return empty()


async def prune(request: web.Request, daemon: Daemon) -> web.Response:
    removed, freed = await daemon.containers.prune(filters(request))
    return json({"ContainersDeleted": removed or None, "SpaceReclaimed": freed})


async def top(request: web.Request, daemon: Daemon) -> web.Response:
    arguments = request.query.get("ps_args", "")
    return json(await daemon.containers.top(named(request, daemon), arguments))


async def stats(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container = named(request, daemon)
    one_shot = query_bool(request, "one-shot")
    readings = daemon.containers.stats(container, one_shot=one_shot)
    if not query_bool(request, "stream", True):
        async for reading in readings:
            return json(reading)
    async with JSONStream(request, "\n") as stream:
        await stream.start()
        async for reading in readings:
            await stream.send(reading)
            if container.removing:
                break
    return stream.response


async def changes(request: web.Request, daemon: Daemon) -> web.Response:
    found = await daemon.containers.changes(named(request, daemon))
    return json(found or None)


async def commit(request: web.Request, daemon: Daemon) -> web.Response:
    container = daemon.containers.get(request.query.get("container", ""))
    query: Any = request.query
    wish = Wish(
        repository=query.get("repo", ""),
        tag=query.get("tag", ""),
        comment=query.get("comment", ""),
        author=query.get("author", ""),
        changes=tuple(query.getall("changes", ())),
        pause=query_bool(request, "pause", True),
        config=await json_body(request),
    )
    id = await daemon.containers.commit(container, wish)
    return json({"Id": id}, 201)


ROUTES = [
    Route("GET", "/containers/json", listed),
    Route("POST", "/containers/create", create),
    Route("POST", "/containers/prune", prune),
    Route("GET", "/containers/{name}/json", inspect),
    Route("GET", "/containers/{name}/top", top),
    Route("GET", "/containers/{name}/stats", stats),
    Route("GET", "/containers/{name}/changes", changes),
    Route("POST", "/containers/{name}/start", start),
    Route("POST", "/containers/{name}/stop", stop),
    Route("POST", "/containers/{name}/restart", restart),
    Route("POST", "/containers/{name}/kill", kill),
    Route("POST", "/containers/{name}/pause", pause),
    Route("POST", "/containers/{name}/unpause", unpause),
    Route("POST", "/containers/{name}/rename", rename),
    Route("POST", "/containers/{name}/update", update),
    Route("POST", "/containers/{name}/resize", resize),
    Route("DELETE", "/containers/{name}", remove),
    Route("POST", "/commit", commit),
]
