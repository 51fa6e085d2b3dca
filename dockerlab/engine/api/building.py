"""/build: a Dockerfile and its context to an image; and what the builder keeps."""

from __future__ import annotations

import base64
import hashlib
import json as jsonlib
import logging
from collections.abc import Mapping
from typing import IO, Any, cast

from aiohttp import web

from dockerlab.engine.api.bodies import Reports, relay
from dockerlab.engine.api.router import JSONStream, query_bool, query_int, status_of
from dockerlab.engine.build.builder import Build
from dockerlab.engine.build.files.spool import spool as new_spool
from dockerlab.engine.build.incoming.context import Context
from dockerlab.engine.build.options import Options
from dockerlab.engine.build.output import Output, Quiet
from dockerlab.engine.build.running import Failed
from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import BadParameter, NotImplementedHere, ServerError
from dockerlab.engine.registry.access import Login
from dockerlab.engine.store.files import full_disk
from dockerlab.errors import DockerlabError
from dockerlab.formats import reference as names
from dockerlab.formats.reference import Reference

TRACE = "X-Dockerlab-Trace"
"""A header by which a client asks for records of each step in the stream."""

log = logging.getLogger("dockerlab.engine.build")

_LARGEST = 8 << 30
_CHUNK = 1 << 18
_NUMBERS = {
    "memory": "Memory",
    "memswap": "MemorySwap",
    "cpushares": "CpuShares",
    "cpuperiod": "CpuPeriod",
    "cpuquota": "CpuQuota",
    "shmsize": "ShmSize",
}
_TEXTS = {"cpusetcpus": "CpusetCpus", "cpusetmems": "CpusetMems", "cgroupparent": "CgroupParent"}


async def build(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    options = _options(request)
    remote = request.query.get("remote", "")
    async with JSONStream(request) as stream:

        async def work(report: Reports) -> None:
            output = Quiet(report) if options.quiet else Output(report, options.traced, report.room)
            context = await _context(request, daemon, remote, options)
            try:
                made = await daemon.builds.build(context.tree, context.dockerfile, options, output)
                await _run(made, output)
            finally:
                context.close()

        try:
            await relay(stream, work)
        except DockerlabError as error:
            if not stream.response.prepared:
                raise _plain(error) from error
            await stream.send(_record(error))
        except Exception as error:
            if not stream.response.prepared or isinstance(error, ConnectionError):
                raise
            log.error("a build failed inside", exc_info=error)
            await stream.send(_record(ServerError(status_of(error)[1])))
    return stream.response


async def _run(made: Build, output: Output) -> None:
    try:
        image = await made.run()
    except DockerlabError as error:
        if isinstance(output, Quiet):
            output.release()
        error.hint = _located(made, error)
        raise
    if isinstance(output, Quiet):
        output.result(image.id)


def _located(made: Build, error: DockerlabError) -> str:
    """The hint of a step's error, and where in the Dockerfile it is.

    Of a command that failed without a hint Docker's sentence stays alone: it names the command,
    and the step was shown just before.
    """
    at = made.at
    if at is None or not at.line or (isinstance(error, Failed) and not error.hint):
        return error.hint
    place = f"Line {at.line} of the Dockerfile: {at.text[:200]}"
    return f"{place}\n  {error.hint}" if error.hint else place


def _record(error: DockerlabError) -> dict[str, Any]:
    """An error in the stream. Docker's sentence comes first, for clients that look for it."""
    message = str(error)
    detail: dict[str, Any] = {"message": message}
    if isinstance(error, Failed):
        detail = {"code": error.code, "message": message}
    return {"errorDetail": detail, "error": message}


def _plain(error: DockerlabError) -> DockerlabError:
    """An error before the stream: its hint is to reach the client too."""
    error.message = str(error)
    return error


async def _context(request: web.Request, daemon: Daemon, remote: str, options: Options) -> Context:
    if remote:
        return await daemon.builds.fetched(remote, options)
    spool = new_spool(daemon.run)
    try:
        digest = await _received(request, spool)
        return await daemon.builds.context(spool, digest, options)
    except BaseException:
        spool.close()
        raise


async def _received(request: web.Request, spool: IO[bytes]) -> str:
    """Take the body in whole; its digest."""
    total, digest = 0, hashlib.sha256()
    async for chunk in request.content.iter_chunked(_CHUNK):
        total += len(chunk)
        if total > _LARGEST:
            raise BadParameter(
                f"the build context is larger than {_LARGEST >> 30} GiB",
                "Name what the build does not need in .dockerignore.",
            )
        digest.update(chunk)
        with full_disk():
            spool.write(chunk)
    return digest.hexdigest()


def _options(request: web.Request) -> Options:
    query = request.query
    if query.get("version", "1") not in ("", "1"):
        raise NotImplementedHere(
            "The embedded engine has the classic builder only, not BuildKit.",
            "Set DOCKER_BUILDKIT=0.",
        )
    for name, what in (("squash", "squash layers (--squash)"), ("outputs", "export (--output)")):
        if query.get(name, "") not in ("", "0", "false", "[]", "null"):
            raise NotImplementedHere(f"The embedded engine's builder does not {what}.")
    cache_from = _json(query.get("cachefrom", ""), list, "cache-from")
    force_remove = query_bool(request, "forcerm")
    return Options(
        dockerfile=query.get("dockerfile", "") or "Dockerfile",
        tags=_tags(query.getall("t", [])),
        target=query.get("target", ""),
        arguments=_texts(query.get("buildargs", ""), "build args"),
        labels={k: v or "" for k, v in _texts(query.get("labels", ""), "labels").items()},
        cache=not query_bool(request, "nocache"),
        cache_from=tuple(map(str, cache_from)) if cache_from else None,
        pull=query_bool(request, "pull"),
        quiet=query_bool(request, "q"),
        traced=request.headers.get(TRACE, "") == "1",
        remove=force_remove or query_bool(request, "rm", True),
        force_remove=force_remove,
        platform=query.get("platform", ""),
        host=_host(request),
        logins=_logins(request.headers.get("X-Registry-Config", "")),
        secrets=_secrets(query.get("secrets", "")),
    )


def _tags(texts: list[str]) -> tuple[Reference, ...]:
    found: dict[str, Reference] = {}
    for text in filter(None, texts):
        reference = names.parse_repository(text)
        if reference.digest:
            raise BadParameter("build tag cannot contain a digest")
        found.setdefault(reference.familiar, reference)
    return tuple(found.values())


def _json(text: str, kind: type, what: str) -> Any:
    """A value of the query that is JSON; None and nothing are an empty one."""
    if not text:
        return kind()
    try:
        value = jsonlib.loads(text)
    except (ValueError, RecursionError):
        raise BadParameter(f"error reading {what}: {text[:100]} is not JSON") from None
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise BadParameter(f"error reading {what}: {text[:100]} has another form")
    return value


def _texts(text: str, what: str) -> dict[str, str | None]:
    values = _json(text, dict, what)
    if not all(isinstance(value, str | None) for value in values.values()):
        raise BadParameter(f"error reading {what}: each must be a text")
    return cast("dict[str, str | None]", values)


def _host(request: web.Request) -> dict[str, Any]:
    """The HostConfig of the steps' containers."""
    query = request.query
    host: dict[str, Any] = {}
    for name, key in _NUMBERS.items():
        if value := query_int(request, name, 0):
            host[key] = value
    host |= {key: query[name] for name, key in _TEXTS.items() if query.get(name)}
    if mode := query.get("networkmode", ""):
        host["NetworkMode"] = mode
    if entries := [entry for entry in query.getall("extrahosts", []) if entry]:
        listed = entries[0].startswith("[")
        host["ExtraHosts"] = _json(entries[0], list, "extra hosts") if listed else entries
    if limits := _json(query.get("ulimits", ""), list, "ulimits"):
        host["Ulimits"] = limits
    if options := _json(query.get("securityopt", ""), list, "security options"):
        host["SecurityOpt"] = options
    return host


def _logins(header: str) -> dict[str, Login]:
    """Of X-Registry-Config: registry to login; Docker Hub under its own name."""
    if not header:
        return {}
    try:
        text = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
        entries = jsonlib.loads(text) or {}
        return {_registry(name): _login(entry) for name, entry in entries.items()}
    except (ValueError, AttributeError):
        raise BadParameter("invalid X-Registry-Config header") from None


def _registry(name: str) -> str:
    host = name.partition("://")[2] or name
    host = host.partition("/")[0]
    return "docker.io" if host == "index.docker.io" else host


def _login(entry: Mapping[str, Any]) -> Login:
    return Login(
        str(entry.get("username") or ""),
        str(entry.get("password") or ""),
        str(entry.get("registrytoken") or ""),
    )


def _secrets(text: str) -> dict[str, bytes]:
    """dockerlab's own: what secret mounts hold, by id, in base64."""
    values = _json(text, dict, "secrets")
    try:
        return {str(k): base64.b64decode(str(v), validate=True) for k, v in values.items()}
    except ValueError:
        raise BadParameter("error reading secrets: each must be in base64") from None
