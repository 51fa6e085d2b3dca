"""The route table: versions, placeholders, and which error is which status."""

from __future__ import annotations

import asyncio
import errno
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from dockerlab.engine.api import router
from dockerlab.engine.api.router import Route, Router, status_of, unversioned
from dockerlab.engine.errors import BadParameter, Conflict, NotFound, NotModified, StoreFull
from dockerlab.errors import FormatError


async def hello(request: web.Request, daemon: object) -> web.Response:
    return router.json({"name": request.match_info.get("name", "")})


async def fails(request: web.Request, daemon: object) -> web.Response:
    raise RuntimeError("boom")


async def nothing_to_do(request: web.Request, daemon: object) -> web.Response:
    raise NotModified("")


ROUTES = [
    Route("GET", "/containers/json", hello),
    Route("GET", "/containers/{name}/json", hello),
    Route("GET", "/images/{name:.*}/json", hello),
    Route("POST", "/fails", fails),
    Route("POST", "/nothing", nothing_to_do),
]


def ask(method: str, path: str) -> tuple[int, dict[str, str]]:
    async def run() -> web.StreamResponse:
        request = make_mocked_request(method, path, match_info={})
        return await Router(ROUTES, None).handle(request)  # type: ignore[arg-type]

    response = asyncio.run(run())
    assert isinstance(response, web.Response)
    body = response.body
    return response.status, json.loads(body) if isinstance(body, bytes) and body else {}


@pytest.mark.parametrize("path", ["/info", "/v1.24/info", "/v1.41/info", "/v1.44/info"])
def test_versions_that_are_spoken(path: str) -> None:
    assert unversioned(path) == "/info"


def test_versions_that_are_not() -> None:
    with pytest.raises(BadParameter, match=r"1\.99 is too new\. Maximum .* version is 1\.41"):
        unversioned("/v1.99/info")
    with pytest.raises(BadParameter, match=r"1\.2 is too old\. Minimum .* version is 1\.24"):
        unversioned("/v1.2/info")


def test_placeholders() -> None:
    assert ask("GET", "/v1.41/containers/web/json") == (200, {"name": "web"})
    assert ask("GET", "/containers/json") == (200, {"name": ""})
    assert ask("GET", "/images/docker.io/library/alpine:3/json")[1] == {
        "name": "docker.io/library/alpine:3"
    }


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nosuch"), ("PATCH", "/containers/json"), ("GET", "/v1.41/")]
)
def test_unknown_routes(method: str, path: str) -> None:
    assert ask(method, path) == (404, {"message": "page not found"})


def test_an_unexpected_error_is_500_and_logged(caplog) -> None:
    status, body = ask("POST", "/fails")
    assert status == 500
    assert "boom" in body["message"]
    assert "Traceback" in caplog.text


def test_nothing_to_do_has_no_body() -> None:
    assert ask("POST", "/nothing") == (304, {})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (Conflict("x"), 409),
        (FormatError("x"), 400),
        (StoreFull("x"), 507),
        (OSError(errno.ENOSPC, "full"), 507),
        (ValueError("x"), 500),
        (web.HTTPRequestEntityTooLarge(1, 2), 413),
    ],
)
def test_statuses(error: Exception, status: int) -> None:
    assert status_of(error)[0] == status


def request_with(query: str) -> web.Request:
    return make_mocked_request("GET", f"/x?{query}")


def test_filters_in_both_forms() -> None:
    listed = 'filters={"label":["a=b"],"dangling":[true]}'
    mapped = 'filters={"label":{"a=b":true,"c":false},"dangling":{"true":true}}'
    for query in (listed, mapped):
        assert router.filters(request_with(query)) == {"label": ["a=b"], "dangling": ["true"]}
    assert router.filters(request_with("")) == {}
    for bad in ("zz", "[1]", "3"):
        with pytest.raises(BadParameter):
            router.filters(request_with(f"filters={bad}"))


def test_query_values() -> None:
    request = request_with("a=1&b=false&c=True&n=7&m=x")
    assert router.query_bool(request, "a")
    assert not router.query_bool(request, "b")
    assert router.query_bool(request, "c")
    assert router.query_bool(request, "none", True)
    assert router.query_int(request, "n") == 7
    assert router.query_int(request, "none", 3) == 3
    with pytest.raises(BadParameter):
        router.query_int(request, "m")


def test_a_handler_that_changes_things_is_not_stopped_by_its_client() -> None:
    done = []

    async def slow(request: web.Request, daemon: object) -> web.Response:
        await asyncio.sleep(0.02)
        done.append(True)
        return router.empty()

    async def run(method: str) -> None:
        table = Router([Route(method, "/slow", slow)], None)  # type: ignore[arg-type]
        request = make_mocked_request(method, "/slow", match_info={})
        asking = asyncio.create_task(table.handle(request))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.sleep(0.05)

    asyncio.run(run("POST"))
    assert done == [True]
    asyncio.run(run("GET"))
    assert done == [True]
