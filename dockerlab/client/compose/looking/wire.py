"""One request to the engine and its JSON, as the steps of a plan write it down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dockerlab.formats.composed.plan import Call


class Wire:
    """docker-py's low-level client, called by method and path. Threads may share it."""

    def __init__(self, api: Any) -> None:
        self._api = api

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at ``path``."""
        return self.send(("GET", path, None), query=query)

    def raw(self, path: str, **query: Any) -> bytes:
        """The bytes at ``path``."""
        api = self._api
        answer = api.request("GET", self._at(path), params=query, timeout=30)
        api._raise_for_status(answer)
        return bytes(answer.content)

    def maybe(self, path: str) -> Any:
        """The JSON at ``path``; None when there is no such thing."""
        return self.send(("GET", path, None), fine=(404,))

    def send(
        self,
        call: Call,
        *,
        query: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        fine: tuple[int, ...] = (),
        timeout: float | None = None,
    ) -> Any:
        """Make one call; its JSON, None for an empty answer or one of the ``fine`` statuses.

        docker-py's errors come through. Without a ``timeout`` it may take as long as it takes: a
        container may need minutes to stop.
        """
        method, path, body = call
        options: dict[str, Any] = {"params": dict(query or {}), "timeout": timeout}
        if body is not None:
            options |= {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        if data is not None:
            options |= {"data": data, "headers": {"Content-Type": "application/x-tar"}}
        api = self._api
        answer = api.request(method, self._at(path), **options)
        if answer.status_code in fine:
            return None
        api._raise_for_status(answer)
        return answer.json() if answer.content and answer.status_code != 204 else None

    def _at(self, path: str) -> str:
        return f"{self._api.base_url}/v{self._api._version}{path}"


def part(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def filters(**wanted: list[str]) -> str:
    """The engine's ``filters`` parameter."""
    return json.dumps({key: values for key, values in wanted.items() if values})
