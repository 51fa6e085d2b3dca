"""Why nothing answers at a container's port: said plainly, with a way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker.errors import APIError

from dockerlab.client.pages.listening import Listener, listeners
from dockerlab.errors import DockerlabError

_LINES = 8


class PageUnreachable(DockerlabError):
    """Nothing answers at a container's port; ``log`` holds the last lines of its output."""

    def __init__(self, message: str, hint: str = "", *, log: str = "") -> None:
        tail = f"\nIts last lines:\n{_indented(log)}" if log else ""
        super().__init__(message + tail, hint)
        self.log = log


def not_published(facts: Mapping[str, Any], port: int) -> PageUnreachable:
    """Nobody gets in: the container has no ``-p`` for this port."""
    name, published = name_of(facts), _published(facts)
    message = f"port {port} of {name} is not published: nothing outside reaches it"
    for inside, outside in published.items():
        if outside == port:
            hint = f"{port} is the host's side of it; name the container's: {inside}"
            return PageUnreachable(message, hint)
    hint = f"run it anew with -p {port}:{port} (lab.run: ports=['{port}:{port}'])"
    if published:
        shown = ", ".join(f"{inside} (as {outside})" for inside, outside in published.items())
        hint += f"; published so far: {shown}"
    return PageUnreachable(message, hint)


def not_running(api: Any, facts: Mapping[str, Any], port: int) -> PageUnreachable | None:
    """None if the container runs, or is about to."""
    name, state = name_of(facts), facts["State"]
    if state.get("Paused"):
        return PageUnreachable(
            f"{name} is paused, so nothing answers at port {port}", f"docker unpause {name}"
        )
    if state.get("Running") or state.get("Restarting"):
        return None
    if state.get("Status") == "created":
        reason = f" ({state['Error']})" if state.get("Error") else ""
        return PageUnreachable(f"{name} has not been started{reason}", f"docker start {name}")
    return PageUnreachable(
        f"{name} has ended with exit code {state.get('ExitCode')}, so nothing answers at "
        f"port {port}",
        f"docker logs {name} shows all that it wrote; docker start {name} starts it again",
        log=_log(api, facts),
    )


def no_answer(api: Any, facts: Mapping[str, Any], port: int, seconds: float) -> PageUnreachable:
    """It runs and the port is published, but whoever connects is turned away."""
    name = name_of(facts)
    message = f"nothing answered at port {port} of {name} within {seconds:g} seconds"
    reason, hint = _reason(listeners(api, facts), port)
    return PageUnreachable(message + reason, hint, log=_log(api, facts))


def not_http(facts: Mapping[str, Any], port: int, line: str) -> PageUnreachable:
    """Something else than a web server is there."""
    return PageUnreachable(
        f"what answers at port {port} of {name_of(facts)} does not speak HTTP: it said {line!r}",
        "a browser cannot talk to it; use the program that can, as docker exec -it NAME redis-cli",
    )


def name_of(facts: Mapping[str, Any]) -> str:
    return str(facts["Name"]).lstrip("/")


def _reason(found: list[Listener] | None, port: int) -> tuple[str, str]:
    if found is None:
        return "", f"does the program in it listen on 0.0.0.0:{port}?"
    here = [listener for listener in found if listener.port == port]
    if here and all(listener.local for listener in here):
        return (
            ": its program listens on 127.0.0.1 only, which is the container itself",
            f"have it listen on 0.0.0.0:{port}, then others may connect",
        )
    if here:
        return (
            ": a program listens there but hangs up or stays silent",
            "is it a web server, and has it finished starting?",
        )
    if found:
        ports = ", ".join(dict.fromkeys(str(listener.port) for listener in found))
        return (
            f": its program listens at {ports} instead",
            f"publish that port, or have the program use {port}",
        )
    return (
        ": no program in it listens at any port",
        "is it still starting? Does it serve a page at all?",
    )


def _published(facts: Mapping[str, Any]) -> dict[int, int]:
    """Container port → host port, of TCP."""
    ports = facts["NetworkSettings"].get("Ports") or {}
    return {
        int(key.partition("/")[0]): int(hosts[0]["HostPort"])
        for key, hosts in ports.items()
        if hosts and key.endswith("/tcp")
    }


def _log(api: Any, facts: Mapping[str, Any]) -> str:
    try:
        text: bytes = api.logs(facts["Id"], tail=_LINES)
    except APIError:
        # Its log driver may keep nothing; the sentence before is worth more than this error.
        return ""
    return text.decode("utf-8", "replace").rstrip("\n")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
