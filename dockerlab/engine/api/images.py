"""/images: list, inspect, history, tag, remove, save, load, pull, import, prune, search."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from aiohttp import web

from dockerlab.engine.api.bodies import Body, Progress, relay
from dockerlab.engine.api.files import send_pieces
from dockerlab.engine.api.router import JSONStream, Route, filters, json, query_bool, query_int
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter, NotFound, NotImplementedHere, ServerError
from dockerlab.engine.registry import access
from dockerlab.engine.registry.access import read_login
from dockerlab.engine.registry.pull import Pull
from dockerlab.engine.registry.search import search as search_hub
from dockerlab.engine.store.arrivals import Arrival
from dockerlab.engine.store.image import NEVER, Image, runtime_section
from dockerlab.errors import FormatError
from dockerlab.formats import changes as instructions
from dockerlab.formats import manifest
from dockerlab.formats import reference as names
from dockerlab.formats.reference import Reference

NOTHING = "<none>"


def summary(image: Image, references: Sequence[str]) -> dict[str, Any]:
    """A row of ``docker images``."""
    tags = [name for name in references if "@" not in name]
    digests = [name for name in references if "@" in name]
    if not references:
        tags, digests = [f"{NOTHING}:{NOTHING}"], [f"{NOTHING}@{NOTHING}"]
    return {
        "Containers": -1,
        "Created": image.created_ns // 10**9,
        "Id": image.id,
        "Labels": image.labels or None,
        "ParentId": image.parent,
        "RepoDigests": digests or None,
        "RepoTags": tags or None,
        "SharedSize": -1,
        "Size": image.size,
        "VirtualSize": image.size,
    }


def details(image: Image) -> dict[str, Any]:
    """All that ``docker image inspect`` shows."""
    config = image.config
    top = image.layers[-1].directory if image.layers else ""
    return {
        "Id": image.id,
        "RepoTags": list(image.tags),
        "RepoDigests": list(image.digests),
        "Parent": image.parent,
        "Comment": config.get("comment") or "",
        "Created": image.created,
        "Container": config.get("container") or "",
        "ContainerConfig": runtime_section(config.get("container_config")),
        "DockerVersion": config.get("docker_version") or "",
        "Author": config.get("author") or "",
        "Config": image.runtime_config,
        "Architecture": image.architecture,
        **({"Variant": config["variant"]} if config.get("variant") else {}),
        "Os": image.os,
        "Size": image.size,
        "VirtualSize": image.size,
        "GraphDriver": {"Data": {"UpperDir": top} if top else {}, "Name": "overlay2"},
        "RootFS": {"Type": "layers", "Layers": [layer.diff_id for layer in image.layers]},
        "Metadata": {"LastTagTime": image.tagged_at or NEVER},
    }


async def listed(request: web.Request, daemon: Daemon) -> web.Response:
    shown = daemon.images.listing(filters(request), everything=query_bool(request, "all"))
    return json([summary(image, references) for image, references in shown])


async def inspect(request: web.Request, daemon: Daemon) -> web.Response:
    name = request.match_info["name"]
    try:
        return json(details(daemon.images.get(name)))
    except NotFound as error:
        raise NotFound(f"no such image: {name}: {error.message}") from None
    except FormatError as error:
        raise BadParameter(f"no such image: {name}: {error.message}") from None


async def history(request: web.Request, daemon: Daemon) -> web.Response:
    return json(daemon.images.history(request.match_info["name"]))


async def tag(request: web.Request, daemon: Daemon) -> web.Response:
    image = daemon.images.get(request.match_info["name"])
    reference = _target(request)
    if reference is None:
        raise BadParameter("repository name must have at least one component")
    await asyncio.to_thread(daemon.images.tag, image, reference)
    return web.Response(status=201)


def _target(request: web.Request) -> Reference | None:
    """The name that ``repo`` and ``tag`` of the query make; None without ``repo``."""
    repository, wanted = request.query.get("repo", ""), request.query.get("tag", "")
    if not repository:
        return None
    reference = names.parse_repository(repository)
    return reference.with_tag(wanted) if wanted else reference


async def remove(request: web.Request, daemon: Daemon) -> web.Response:
    name = request.match_info["name"]
    if not name.strip():
        raise BadParameter("image name cannot be blank")
    report = await asyncio.to_thread(
        daemon.images.remove,
        name,
        query_bool(request, "force"),
        query_bool(request, "noprune"),
        daemon.containers.using_image,
    )
    return json(report)


async def prune(request: web.Request, daemon: Daemon) -> web.Response:
    prune, using = daemon.images.prune, daemon.using_image
    removed, freed = await asyncio.to_thread(prune, filters(request), using)
    return json({"ImagesDeleted": removed or None, "SpaceReclaimed": freed})


async def save(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    name = request.match_info.get("name")
    wanted = [name] if name else [n for n in request.query.getall("names", []) if n]
    if not wanted:
        raise BadParameter("no image to save was named")
    pieces = await asyncio.to_thread(daemon.images.save, wanted)
    response = web.StreamResponse()
    response.content_type = "application/x-tar"
    await send_pieces(request, response, pieces)
    return response


async def load(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    quiet = query_bool(request, "quiet")
    body = cast("BinaryIO", Body(request.content))
    async with JSONStream(request) as stream:

        async def work(report: Progress) -> None:
            progress = (lambda _: None) if quiet else report
            await stream.start()  # as in Docker: what is wrong with the archive is in the stream
            for image, references in await asyncio.to_thread(daemon.images.load, body, progress):
                for reference in references:
                    report({"stream": f"Loaded image: {reference}\n"})
                if not references:
                    report({"stream": f"Loaded image ID: {image.id}\n"})

        await relay(stream, work)
    return stream.response


async def create(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    """``docker pull`` (fromImage) and ``docker import`` (fromSrc)."""
    if request.query.get("fromImage"):
        return await _pull(request, daemon)
    if request.query.get("fromSrc"):
        return await _import(request, daemon)
    raise BadParameter("neither fromImage nor fromSrc is given")


async def _pull(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    name, wanted = request.query["fromImage"], request.query.get("tag", "")
    reference = names.parse(name)
    if wanted.startswith("sha256:"):
        reference = reference.with_digest(wanted)
    elif wanted:
        reference = reference.with_tag(wanted)
    elif not names.has_tag(name):
        raise NotImplementedHere(
            "The embedded engine pulls one tag at a time.", "Name the tag, such as tag=latest."
        )
    platform = request.query.get("platform", "")
    pull = Pull(
        reference,
        Arrival(daemon.blobs, daemon.layers, daemon.images),
        lambda _: None,
        read_login(request.headers.get("X-Registry-Auth", "")),
        manifest.parse_platform(platform) if platform else None,
    )
    async with JSONStream(request) as stream:

        async def work(report: Progress) -> None:
            pull.progress = report
            await pull.run()

        await relay(stream, work)
    return stream.response


async def _import(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    source, reference = request.query["fromSrc"], _target(request)
    changes = request.query.getall("changes", [])
    platform = request.query.get("platform", "")
    instructions.apply({}, changes)  # what is wrong with them is said before anything is read
    message = request.query.get("message", "") or f"Imported from {source}"

    async def take(body: Body) -> Image:
        return await asyncio.to_thread(
            daemon.images.import_tree,
            cast("BinaryIO", body),
            reference=reference,
            changes=changes,
            message=message,
            platform=platform,
        )

    async with JSONStream(request) as stream:

        async def work(report: Progress) -> None:
            if source == "-":
                image = await take(Body(request.content))
            else:
                image = await _from_address(source, take, report)
            report({"status": image.id})

        await relay(stream, work)
    return stream.response


async def _from_address(source: str, take: Any, report: Progress) -> Image:
    """Import what is at an address; without a scheme http is meant, as in Docker."""
    url = source if "://" in source else f"http://{source}"
    if not url.startswith(("http://", "https://")):
        raise BadParameter(f"{source} is no http or https address")
    try:
        async with access.session() as session, session.get(url) as response:
            if response.status != 200:
                raise ServerError(f"Got HTTP status code >= 400: {response.status}")
            report({"status": f"Downloading from {source}"})
            image: Image = await take(Body(response.content))
            return image
    except access.connection_errors() as error:
        raise ServerError(f'Get "{url}": {str(error) or type(error).__name__}') from error


async def search(request: web.Request, _: Daemon) -> web.Response:
    term, limit = request.query.get("term", ""), query_int(request, "limit", 25) or 25
    if not 1 <= limit <= 100:
        raise BadParameter(f"Limit {limit} is outside the range of [1, 100]")
    host, slash = term.partition("/")[:2]
    if slash and (host == "localhost" or "." in host or ":" in host):
        raise NotImplementedHere(f"The embedded engine searches Docker Hub only, not {host}.")
    return json(await search_hub(term, limit))


async def push(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    name = request.match_info["name"]
    if daemon.images.find(name) is None:
        repository = names.parse(name).repository
        raise NotFound(f"An image does not exist locally with the tag: {repository}")
    raise NotImplementedHere(
        "The embedded engine does not push images.",
        "Save the image (docker save) and push it from a machine with Docker Engine.",
    )


async def distribution(request: web.Request, _: Daemon) -> web.Response:
    raise NotImplementedHere(
        "The embedded engine does not look into registries without pulling.",
        "Pull the image, then inspect it.",
    )


ROUTES = [
    Route("GET", "/images/json", listed),
    Route("GET", "/images/search", search),
    Route("GET", "/images/get", save),
    Route("GET", "/images/{name:.*}/json", inspect),
    Route("GET", "/images/{name:.*}/history", history),
    Route("GET", "/images/{name:.*}/get", save),
    Route("POST", "/images/load", load, cancellable=True),
    Route("POST", "/images/create", create, cancellable=True),
    Route("POST", "/images/prune", prune),
    Route("POST", "/images/{name:.*}/tag", tag),
    Route("POST", "/images/{name:.*}/push", push),
    Route("DELETE", "/images/{name:.*}", remove),
    Route("GET", "/distribution/{name:.*}/json", distribution),
]
