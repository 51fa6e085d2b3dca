"""One health check: what an instance answers to a request from the balancer."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import Any

from docker.errors import APIError

from dockerlab.client.explain import explained
from dockerlab.client.pages.listening import Listener, listeners
from dockerlab.errors import DockerlabError

REFUSED, SILENT, HUNG_UP, UNREACHED, LOST = "refused", "silent", "hung up", "unreached", "lost"


@dataclass(frozen=True, slots=True)
class Answer:
    """``code`` of the app's answer; 0 for none, ``problem`` then says why.

    refused: nothing takes connections at the port; silent: no answer in time; hung up: no HTTP;
    unreached: not even a refusal; lost: the balancer itself does not answer.
    """

    code: int = 0
    problem: str = ""


def ask(port: int, path: str, seconds: float) -> Answer:
    """Ask the balancer's second server, at a port of the host, to ask an instance."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        # The body may be of any size, and the connection is closed anyway.
        return _read(response.status, response.headers)
    except (OSError, http.client.HTTPException):
        return Answer(problem=LOST)
    finally:
        connection.close()


def read(port: int, path: str, seconds: float) -> str:
    """What the balancer's second server says itself; empty while it does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().read(100).decode("ascii", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def _read(status: int, headers: HTTPMessage) -> Answer:
    """A 502 may be Nginx's own: then no connection, or no answer, took any time."""
    if headers.get("X-Answer", "") not in ("", "-"):
        return Answer(status)
    connected = headers.get("X-Connect", "") not in ("", "-")
    if status == http.client.BAD_GATEWAY:
        return Answer(problem=HUNG_UP if connected else REFUSED)
    if status == http.client.GATEWAY_TIMEOUT:
        return Answer(problem=SILENT if connected else UNREACHED)
    return Answer(problem=LOST)


def cause(answer: Answer, port: int) -> str:
    """Why an instance is not healthy, in a sentence."""
    if answer.code:
        return f"Health checks failed with these codes: [{answer.code}]."
    return {
        REFUSED: f"Nothing takes connections at port {port}.",
        SILENT: f"The app took a connection at port {port}, but did not answer in time.",
        HUNG_UP: f"What listens at port {port} hung up without an HTTP answer.",
        UNREACHED: f"Connections to port {port} were not even refused.",
        LOST: "The load balancer did not answer the health check.",
    }[answer.problem]


@explained()
def listening(api: Any, container: str) -> list[Listener]:
    """Where the programs of a container listen; empty also when its image cannot tell."""
    try:
        return listeners(api, api.inspect_container(container)) or []
    except APIError:
        return []


def elsewhere(api: Any, container: str, port: int) -> str:
    """What was found instead of an app at the port, in a sentence; empty if nothing was."""
    try:
        found = listening(api, container)
    except DockerlabError:
        return ""
    here = [one for one in found if one.port == port]
    if here and all(one.local for one in here):
        return (
            f"The app listens at 127.0.0.1:{port}, which only itself reaches; it must be 0.0.0.0."
        )
    ports = ", ".join(dict.fromkeys(str(one.port) for one in found if one.port != port))
    if here or not ports:
        return ""
    return f"The app listens at port {ports}, but the Dockerfile says EXPOSE {port}."
