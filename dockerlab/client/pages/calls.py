"""``lab.open`` and ``lab.fetch``: a container's page, in the notebook and as data."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

from dockerlab.client.pages import silence
from dockerlab.client.pages.address import browser_url
from dockerlab.client.pages.answer import Answer, NoAnswer, NotHTTP, request
from dockerlab.errors import DockerlabError

_EVERY = 0.1
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
# Not allow-top-navigation: a page may not take the place of the notebook. Without
# allow-same-origin its styles and scripts would not load through the proxy, where the browser
# has to send the notebook's cookie along.
_SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads"


@dataclass(frozen=True, slots=True)
class Page:
    """A container's page: shown in a notebook, and in words everywhere else."""

    container: str
    port: int
    """Of the container."""
    url: str
    """For the browser that shows the notebook; a path when it goes through the notebook server."""
    answer: Answer
    """What the page said when it was fetched from here, at ``answer.url``."""
    height: int = 300

    def __repr__(self) -> str:
        return "\n".join([f"{self.answer.url} → {self.answer.ending}", *self._words()])

    def _words(self) -> list[str]:
        title, line = self.answer.title, self.answer.first_line
        return [f"title: {title}"] * bool(title) + [f"text:  {line}"] * bool(line)

    def _repr_html_(self) -> str:
        link = escape(self.url, quote=True)
        shown, words = escape(self.answer.url), "<br>".join(map(escape, self._words()))
        ending = escape(self.answer.ending)
        label = escape(f"Port {self.port} of {self.container}", quote=True)
        return (
            f'<p><a href="{link}" target="_blank" rel="noopener">{shown}</a> → {ending}'
            f"<br>{words}</p>{self._lost()}"
            f'<iframe src="{link}" title="{label}" width="100%" height="{self.height}" '
            f'sandbox="{_SANDBOX}" style="border: 1px solid #8888; background: white"></iframe>'
        )

    def _lost(self) -> str:
        """What does not arrive through the notebook server: there a page is not at the root."""
        part = self.answer.rooted if self.url.startswith("/") else ""
        if not part:
            return ""
        asked = f'lab.fetch("{self.container}", {self.port}, "{part}")'
        return (
            f"<p>⚠ This page loads {escape(part)} from the root of its server, but your browser "
            f"sees that server below {escape(self.url)} only: so the frame may stay empty.<br>"
            f"→ <code>{escape(asked)}</code> reads it all the same</p>"
        )


def fetch(
    api: Any, container: str, port: int | None, path: str, *, engine: str, timeout: float
) -> Answer:
    """Ask until something answers; PageUnreachable says why nothing did.

    ``engine`` is the address of the engine: on that machine the ports are published.
    """
    return _fetch(api, container, port, path, engine, timeout)[1]


def open_page(
    api: Any,
    container: str,
    port: int | None,
    path: str,
    *,
    engine: str,
    timeout: float,
    height: int,
) -> Page:
    """The same, as a page to look at."""
    facts, answer = _fetch(api, container, port, path, engine, timeout)
    asked = urlsplit(answer.url)
    url = browser_url(asked.port or 80, asked.hostname or "127.0.0.1", _rooted(path))
    return Page(silence.name_of(facts), _port_of(facts, port), url, answer, height)


def _fetch(
    api: Any, container: str, port: int | None, path: str, engine: str, timeout: float
) -> tuple[Mapping[str, Any], Answer]:
    end = time.monotonic() + timeout
    while True:
        facts = api.inspect_container(container)
        wanted = _port_of(facts, port)
        if trouble := silence.not_running(api, facts, wanted):
            raise trouble
        host, number = _place(facts, wanted, engine)
        try:
            return facts, request(host, number, _rooted(path))
        except NotHTTP as error:
            raise silence.not_http(facts, wanted, str(error)) from None
        except NoAnswer:
            if time.monotonic() > end:
                raise silence.no_answer(api, facts, wanted, timeout) from None
        time.sleep(_EVERY)


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _port_of(facts: Mapping[str, Any], port: int | None) -> int:
    """The port asked for, or the only one that is published."""
    if port is not None:
        return port
    bound = (facts["HostConfig"].get("PortBindings") or {}).keys()
    ports = (facts["NetworkSettings"].get("Ports") or {}).items()
    keys = {*bound, *(key for key, hosts in ports if hosts)}
    found = sorted(int(key.partition("/")[0]) for key in keys if key.endswith("/tcp"))
    if len(found) == 1:
        return found[0]
    name = silence.name_of(facts)
    if not found:
        raise silence.PageUnreachable(
            f"{name} has no published port: nothing outside reaches it",
            "run it anew with -p, as -p 8080:80 (lab.run: ports=['8080:80'])",
        )
    ports_text = ", ".join(map(str, found))
    raise DockerlabError(f"{name} has several ports: {ports_text}", "say which: lab.open(it, PORT)")


def _place(facts: Mapping[str, Any], port: int, engine: str) -> tuple[str, int]:
    """Host and port where the container's port is reached from here."""
    there = urlsplit(engine).hostname if not engine.startswith(("unix:", "npipe:")) else None
    if facts["HostConfig"].get("NetworkMode") == "host":
        return there or "127.0.0.1", port
    hosts = (facts["NetworkSettings"].get("Ports") or {}).get(f"{port}/tcp")
    if not hosts:
        raise silence.not_published(facts, port)
    host = str(hosts[0].get("HostIp") or "")
    return there or _EVERYWHERE.get(host, host), int(hosts[0]["HostPort"])
