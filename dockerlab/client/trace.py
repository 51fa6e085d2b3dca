"""What goes over the socket: records each request to the engine and its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from dockerlab.formats.resources import Exchange

SHOWN = 400
"""Characters of a body that are kept."""


@contextmanager
def recording(api: Any) -> Iterator[list[Exchange]]:
    """Requests of ``api`` (docker-py's APIClient) while the block runs, in order.

    They are the real ones: a hook of the HTTP session sees each answer as its head arrives. Of
    streams only the head is kept, since reading them would take their content from the caller.
    """
    exchanges: list[Exchange] = []

    def seen(response: Any, **options: Any) -> Any:
        exchanges.append(_exchange(response, bool(options.get("stream"))))
        return response

    api.hooks["response"].append(seen)
    try:
        yield exchanges
    finally:
        api.hooks["response"].remove(seen)


def _exchange(response: Any, streamed: bool) -> Exchange:
    request = response.request
    return Exchange(
        method=str(request.method),
        path=unquote(str(request.path_url)),
        status=int(response.status_code),
        milliseconds=response.elapsed.total_seconds() * 1000,
        request=_text(request.body),
        answer=_answer(response, streamed),
        started=time.time() - response.elapsed.total_seconds(),
    )


def _answer(response: Any, streamed: bool) -> str:
    if response.status_code == 101:
        return "(the connection is now the process's input and output)"
    kind = response.headers.get("Content-Type", "")
    small = int(response.headers.get("Content-Length") or 0) <= SHOWN * 10
    # requests keeps a content that was read, so the caller reads it again from there.
    if "json" in kind and (not streamed or (small and "Content-Length" in response.headers)):
        return _text(response.content)
    return "(comes piece by piece)" if streamed and response.status_code == 200 else ""


def _text(body: Any) -> str:
    if body is None:
        return ""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if not isinstance(body, str):
        return "(a stream)"
    text = body.strip()
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def exchanges_text(exchanges: list[Exchange]) -> str:
    """The exchanges as lines, for reading under a command's output."""
    lines: list[str] = []
    for one in exchanges:
        lines.append(f"{one.method} {one.path} → {one.status}  ({one.milliseconds:.0f} ms)")
        if one.request:
            lines.append(f"    sent: {one.request}")
        if one.answer:
            lines.append(f"    got:  {one.answer}")
    return "\n".join(lines)
