"""/containers/{name}/archive and export: files in and out of containers (``docker cp``)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json as jsonlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from aiohttp import web

from dockerlab.engine.api.containers import named
from dockerlab.engine.api.router import Route, empty, query_bool
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store import archive
from dockerlab.engine.store.archive import PathStat
from dockerlab.engine.store.files import full_disk
from dockerlab.engine.store.layers import decompress
from dockerlab.engine.threads import to_its_end

STAT = "X-Docker-Container-Path-Stat"
_IN_MEMORY = 4 << 20
_ARCHIVE_LIMIT = 8 << 30


def _path(request: web.Request) -> str:
    path = request.query.get("path", "")
    if not path:
        raise BadParameter("bad parameter: path cannot be empty")
    if "\0" in path:
        raise BadParameter("bad parameter: path contains a zero byte")
    return path


def _stat_header(stat: PathStat) -> dict[str, str]:
    return {STAT: base64.b64encode(jsonlib.dumps(stat.as_json()).encode()).decode()}


async def head(request: web.Request, daemon: Daemon) -> web.Response:
    container, path = named(request, daemon), _path(request)
    grafts = daemon.containers.grafts(container)

    def look(root: Path) -> PathStat:
        return archive.stat(root, path, request.match_info["name"], grafts)

    return web.Response(headers=_stat_header(await daemon.containers.in_view(container, look)))


async def get(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container, path = named(request, daemon), _path(request)
    response = web.StreamResponse()
    response.content_type = "application/x-tar"
    async with daemon.containers.view(container) as root:
        shown, grafts = request.match_info["name"], daemon.containers.grafts(container)
        stat, pieces = await asyncio.to_thread(archive.get, root, path, shown, grafts)
        response.headers.update(_stat_header(stat))
        await send_pieces(request, response, pieces)
    return response


async def send_pieces(
    request: web.Request, response: web.StreamResponse, pieces: Iterator[bytes]
) -> None:
    """Send what a blocking iterator yields; it is advanced in threads."""
    response.enable_chunked_encoding()
    try:
        # Begun before anything can fail: what was never begun does not close what it holds.
        piece = await to_its_end(next, pieces, None)
        await response.prepare(request)
        while piece is not None:
            await response.write(piece)
            piece = await to_its_end(next, pieces, None)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            await asyncio.to_thread(close)


async def put(request: web.Request, daemon: Daemon) -> web.Response:
    container, path = named(request, daemon), _path(request)
    no_overwrite = query_bool(request, "noOverwriteDirNonDir")
    copy_owner = query_bool(request, "copyUIDGID")
    shown, grafts = request.match_info["name"], daemon.containers.grafts(container)
    # The body is first taken in whole: its end must be known before a file is replaced, and
    # extraction runs in a thread.
    with cast("IO[bytes]", tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(daemon.run))) as spool:
        await _receive(request, spool)
        await asyncio.to_thread(spool.seek, 0)

        def unpack(root: Path) -> None:
            data = decompress(spool)
            archive.put(root, path, data, no_overwrite, copy_owner, container=shown, grafts=grafts)

        await daemon.containers.in_view(container, unpack)
    daemon.events.publish("container", "extract-to-dir", container.id, container.attributes())
    return empty(200)


async def _receive(request: web.Request, spool: IO[bytes]) -> None:
    total = 0
    async for chunk in request.content.iter_chunked(1 << 18):
        total += len(chunk)
        if total > _ARCHIVE_LIMIT:
            raise BadParameter("the archive is too large")
        with full_disk():
            spool.write(chunk)


async def export(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    container = named(request, daemon)
    response = web.StreamResponse()
    response.content_type = "application/octet-stream"
    pieces = daemon.containers.export(container)
    with contextlib.suppress(ConnectionError):
        await send_pieces(request, response, pieces)
    return response


ROUTES = [
    Route("HEAD", "/containers/{name}/archive", head),
    Route("GET", "/containers/{name}/archive", get),
    Route("PUT", "/containers/{name}/archive", put),
    Route("GET", "/containers/{name}/export", export),
]
