"""The API as one table: which request goes to which handler, and which error is which status.

A handler decodes the request, calls one service, encodes the answer. Each module beside this
one exports ``ROUTES``. A path has no version; ``{name}`` stands for one segment and
``{name:.*}`` for anything, because image names contain slashes.
"""

from __future__ import annotations

import asyncio
import errno
import json as jsonlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dockerlab.engine.daemon import Daemon
from dockerlab.engine.errors import APIError, BadParameter, NotFound
from dockerlab.errors import DockerlabError

API_VERSION = "1.41"
MIN_VERSION = (1, 24)
# Newer clients put their own version into the path before they ask; what they send up to this
# one is a superset of 1.41 that can be read as 1.41.
MAX_VERSION = (1, 44)

STARTED = web.RequestKey("started", bool)
"""Set on a request whose answer has begun to go out."""

BODY_LIMIT = 8 << 20
BODY_TIMEOUT = 60.0

Handler = Callable[[web.Request, Daemon], Awaitable[web.StreamResponse]]

log = logging.getLogger("dockerlab.engine.api")

_VERSIONED = re.compile(r"/v(\d{1,9})\.(\d{1,9})(/.*)", re.ASCII)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_PLACEHOLDER = re.compile(r"\{(\w+)(?::(\.\*))?\}")
_TRUE = {"1", "true", "t", "yes", "on"}
_BACKGROUND: set[asyncio.Future[Any]] = set()


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table.

    ``cancellable`` handlers are stopped when their client goes away: reads and streams. All
    others run to their end, so that nothing is left half-done.
    """

    method: str
    path: str
    handler: Handler
    cancellable: bool | None = None
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", _compile(self.path))
        if self.cancellable is None:
            object.__setattr__(self, "cancellable", self.method in ("GET", "HEAD"))


class Router:
    """Finds the handler of a request, runs it, and turns errors into Docker's answers."""

    def __init__(self, routes: Iterable[Route], daemon: Daemon) -> None:
        self._daemon = daemon
        self._routes: dict[str, list[Route]] = {}
        for route in routes:
            self._routes.setdefault(route.method, []).append(route)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; never raises but for a connection that is gone."""
        try:
            return await self._dispatch(request)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            return _answer(request, error)

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        path = unversioned(request.path)
        route, names = self._find(request.method, path)
        request.match_info.update(names)
        if route.cancellable:
            return await route.handler(request, self._daemon)
        work = asyncio.ensure_future(route.handler(request, self._daemon))
        _BACKGROUND.add(work)
        work.add_done_callback(_finished)
        return await asyncio.shield(work)

    def _find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        for route in self._routes.get(method, ()):
            if match := route.pattern.fullmatch(path):
                return route, match.groupdict()
        raise NotFound("page not found")


def unversioned(path: str) -> str:
    """The path without ``/v1.41``; refuses versions that are too old or too new."""
    match = _VERSIONED.fullmatch(path)
    if match is None:
        return path
    version, text = (int(match[1]), int(match[2])), f"{match[1]}.{match[2]}"
    if version > MAX_VERSION:
        raise BadParameter(
            f"client version {text} is too new. Maximum supported API version is {API_VERSION}"
        )
    if version < MIN_VERSION:
        oldest = ".".join(map(str, MIN_VERSION))
        raise BadParameter(
            f"client version {text} is too old. Minimum supported API version is {oldest}, "
            "please upgrade your client to a newer version"
        )
    return match[3]


def api_version(request: web.Request) -> tuple[int, int]:
    """The version that the client put into the path, else this engine's own."""
    match = _VERSIONED.fullmatch(request.path)
    if match is None:
        major, _, minor = API_VERSION.partition(".")
        return int(major), int(minor)
    return int(match[1]), int(match[2])


def _compile(path: str) -> re.Pattern[str]:
    parts, end = [], 0
    for match in _PLACEHOLDER.finditer(path):
        parts.append(re.escape(path[end : match.start()]))
        parts.append(f"(?P<{match[1]}>{'.+' if match[2] else '[^/]+'})")
        end = match.end()
    return re.compile("".join(parts) + re.escape(path[end:]))


def _finished(work: asyncio.Future[Any]) -> None:
    """Forget a handler that ran to its end; fetch its error so that asyncio does not complain."""
    _BACKGROUND.discard(work)
    if not work.cancelled():
        work.exception()


def _answer(request: web.Request, error: Exception) -> web.StreamResponse:
    status, message = status_of(error)
    if status == 500 and not isinstance(error, DockerlabError):
        log.error("%s %s failed", request.method, request.path, exc_info=error)
    if request.get(STARTED):
        # The status is out already; a connection cut short is all that can still be said.
        raise ConnectionResetError(message) from error
    if status == 304:
        return web.Response(status=304)
    return json({"message": message}, status)


def status_of(error: Exception) -> tuple[int, str]:
    """The one place where an error becomes a status and a message."""
    if isinstance(error, APIError):
        return error.status, error.message
    if isinstance(error, DockerlabError):
        return 400, error.message
    if isinstance(error, web.HTTPException):
        return error.status, error.text or error.reason
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return 507, "no space left on device"
    return 500, f"the engine failed inside: {error or type(error).__name__} (see engine.log)"


def json(data: Any, status: int = 200) -> web.Response:
    """An answer with a JSON body."""
    return web.Response(body=encoded(data) + b"\n", status=status, content_type="application/json")


def encoded(data: Any) -> bytes:
    """Compact JSON in UTF-8; as in Go, what has no place there (bytes of a name) is U+FFFD."""
    text = jsonlib.dumps(data, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _mended(text).encode()


def _mended(text: str) -> str:
    return _HALF_CHARACTER.sub("\ufffd", text)


def empty(status: int = 204) -> web.Response:
    """An answer without a body."""
    return web.Response(status=status)


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object in the request's body; ``{}`` when there is none."""
    try:
        text = await asyncio.wait_for(request.read(), BODY_TIMEOUT)
    except TimeoutError:
        raise BadParameter("the rest of the request did not arrive in time") from None
    if not text.strip():
        return {}
    try:
        data = jsonlib.loads(text)
        if b"\\ud" in text.lower():  # half a character, which cannot be stored nor shown
            data = jsonlib.loads(_mended(jsonlib.dumps(data, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise BadParameter(f"the request's body is not JSON: {error}") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise BadParameter("the request's body must be a JSON object")
    return data


def query_bool(request: web.Request, name: str, default: bool = False) -> bool:
    """Docker's idea of a truth value: ``1``, ``true`` … ; ``default`` when absent."""
    value = request.query.get(name)
    return default if value is None or value == "" else value.lower() in _TRUE


def query_int(request: web.Request, name: str, default: int | None = None) -> int | None:
    """A whole number of the query, ``default`` when absent or empty."""
    value = request.query.get(name, "")
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadParameter(f'strconv.Atoi: parsing "{value}": invalid syntax') from None


def filters(request: web.Request) -> dict[str, list[str]]:
    """The ``filters`` of the query, whether ``{"k":["v"]}`` or ``{"k":{"v":true}}``."""
    text = request.query.get("filters", "")
    if not text:
        return {}
    try:
        data = jsonlib.loads(text) or {}
        return {key: _values(value) for key, value in data.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise BadParameter(f"invalid filters: {text[:200]}") from None


def _values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(name) for name, wanted in value.items() if wanted]
    if isinstance(value, list):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class JSONStream:
    """An answer of many JSON objects, each sent at once (pull, load, events, stats, wait).

    Use it as ``async with JSONStream(request) as stream``. An error inside the block becomes
    Docker's error object when the stream has begun, and a plain error answer otherwise.
    """

    def __init__(self, request: web.Request, end: str = "\r\n") -> None:
        self.response = web.StreamResponse()
        self.response.content_type = "application/json"
        self.response.enable_chunked_encoding()
        self._request = request
        self._end = end.encode()

    async def __aenter__(self) -> JSONStream:
        return self

    async def start(self) -> None:
        """Send the headers now, whatever comes later."""
        if not self.response.prepared:
            await self.response.prepare(self._request)

    async def send(self, data: Any) -> None:
        """Send one object."""
        await self.start()
        await self.response.write(encoded(data) + self._end)

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            await self.start()
            return False
        if not self.response.prepared or not isinstance(error, DockerlabError):
            return False
        status, message = status_of(error)
        await self.send({"errorDetail": {"code": status, "message": message}, "error": message})
        return True
