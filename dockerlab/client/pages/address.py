"""Which address the browser that shows a notebook has to take to a published port.

A kernel asks on its own machine: 127.0.0.1. The browser may be somewhere else. Two facts say so:

- ``JUPYTERHUB_SERVICE_PREFIX`` (JupyterHub, Binder): the browser sees this machine only through
  the hub, under that prefix.
- The Jupyter server that started this kernel (``JPY_PARENT_PID``) leaves ``jpserver-PID.json`` in
  its runtime folder. It says under which base URL the server stands, whether it speaks https and
  on which address it listens.

Behind any of these, jupyter-server-proxy passes the page on under ``BASE/proxy/PORT/``; that is a
path without a host, so it holds whatever name the browser knows the server by. On the learner's
own machine the direct address is better: links like ``href="/about"`` work only there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True, slots=True)
class NotebookServer:
    """The server that the browser talks to; ``near`` when both are on this machine."""

    base_url: str = "/"
    near: bool = True


def browser_url(port: int, host: str = "127.0.0.1", path: str = "/") -> str:
    """The address of a port of this machine, as the browser with the notebook reaches it.

    >>> browser_url(8080, path="/about")  # doctest: +SKIP
    'http://127.0.0.1:8080/about'
    """
    path = path if path.startswith("/") else f"/{path}"
    server = notebook_server(os.environ)
    # The proxy passes on to its own machine only, unless its settings allow more.
    if server.near or host not in _HERE:
        return direct_url(port, host, path)
    return f"{server.base_url}proxy/{port}{path}"


def direct_url(port: int, host: str = "127.0.0.1", path: str = "/") -> str:
    """The address as seen from this machine."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{shown}:{port}{path}"


def notebook_server(environ: Mapping[str, str]) -> NotebookServer:
    """What is known of the server that started this kernel; the plain case if nothing is."""
    if prefix := environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return NotebookServer(_slashed(prefix), near=False)
    facts = _runtime_facts(environ.get("JPY_PARENT_PID") or str(os.getppid()))
    base = _slashed(str(facts.get("base_url") or "/"))
    host = str(facts.get("hostname") or "localhost")
    near = base == "/" and not facts.get("secure") and host in _HERE
    return NotebookServer(base, near)


def _runtime_facts(pid: str) -> dict[str, Any]:
    try:
        from jupyter_core.paths import jupyter_runtime_dir  # there wherever a kernel is
    except ImportError:
        return {}
    try:
        facts = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json").read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _slashed(base: str) -> str:
    return f"/{base.strip('/')}/" if base.strip("/") else "/"
