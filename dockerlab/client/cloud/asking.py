"""The requests that are not AWS's: environments with their instances, loads and events."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from dockerlab.client.pages.address import browser_url, direct_url
from dockerlab.errors import CloudUnavailable, DockerlabError
from dockerlab.formats.cloud import Environment, Event, Instance
from dockerlab.formats.cloudprocess import Running

ANSWER_SECONDS = 10.0
"""Beyond what a request itself waits."""


def environments(running: Running) -> tuple[Environment, ...]:
    """All there are."""
    return tuple(_environment(one) for one in _ask(running, "environments", 0))


def environment(
    running: Running, name: str, *, after: int = 0, seconds: float = 0.0
) -> tuple[int, Environment]:
    """One, with a number; given as ``after``, the answer comes with the next news, or after
    ``seconds``.
    """
    query = urlencode({"after": after, "seconds": seconds})
    found = _ask(running, f"environments/{quote(name, safe='')}?{query}", seconds)
    return found["number"], _environment(found["environment"])


def _ask(running: Running, what: str, seconds: float) -> Any:
    host = urlsplit(running.endpoint)
    connection = http.client.HTTPConnection(
        host.hostname or "", host.port, timeout=seconds + ANSWER_SECONDS
    )
    try:
        head = {"Authorization": f"Bearer {running.secret}"}
        connection.request("GET", f"/_dockerlab/{what}", headers=head)
        response = connection.getresponse()
        found = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CloudUnavailable(
            f"the cloud at {running.endpoint} does not answer: {error}",
            "lab.cloud() finds the one that runs, or starts one",
        ) from error
    finally:
        connection.close()
    if response.status != 200:
        raise DockerlabError(
            str(found.get("message")), "cloud.environments() lists those that there are"
        )
    return found


def _environment(found: Mapping[str, Any]) -> Environment:
    instances = tuple(Instance(**one) for one in found["instances"])
    events = tuple(Event(**one) for one in found["events"])
    record = Environment(**{**found, "instances": instances, "events": events})
    return replace(record, page=_page(record.url))


def _page(url: str) -> str:
    """Where the browser reaches it, when it is another address."""
    port = urlsplit(url).port
    if not port:
        return ""
    page = browser_url(port)
    return "" if page == direct_url(port) else page
