"""Finding an engine, and saying which one it is and why.

Looked at in this order: an address given, DOCKER_HOST, the current docker context, Docker's
socket, rootless Docker's, Podman's; then the embedded engine is started. A place that does not
answer is passed over (but not an address given, nor DOCKER_HOST), and its reason kept for
``dockerlab doctor``. Where DOCKER_HOST or the context names the embedded engine's own socket, that
engine is meant: it is started if it does not run. DOCKERLAB_ENGINE=embedded goes straight to the
embedded engine, DOCKERLAB_ENGINE=docker never starts it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerlab.client.engine_process import EngineProcess
from dockerlab.client.explain import explained
from dockerlab.client.sockets import ping, reachable_url
from dockerlab.errors import EngineUnavailable

if TYPE_CHECKING:
    from dockerlab.client.lab import Lab

API_TIMEOUT = 60
"""Seconds an answer may take; streams and waits have no limit."""
LOOK_SECONDS = 10
"""Seconds for an engine on another machine to say that it is there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere an engine may be."""

    source: str
    url: str
    explicit: bool = False
    """The user's settings name it, so it is told of even when nothing is there."""
    binding: bool = False
    """This one or none: whoever says DOCKER_HOST would not want another engine to be changed."""
    ours: bool = False
    """The embedded engine's own socket: where nothing answers, it can be started."""
    kind: str = "docker"
    error: str = ""
    """Why there is not even an address, as when a docker context is missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place and what was found there."""

    place: Place
    ok: bool
    reason: str
    server: str = ""
    there: bool = True


_default: Lab | None = None


def places() -> Iterator[Place]:
    """Where to look, in order."""
    host = os.environ.get("DOCKER_HOST")
    if host:
        yield Place("DOCKER_HOST", host, explicit=True, binding=True, ours=_is_ours(host))
    context = _context()
    if context is not None:
        yield context
    yield Place("Docker's socket", "unix:///var/run/docker.sock")
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    yield Place("rootless Docker's socket", f"unix://{runtime}/docker.sock")
    yield Place("Podman's socket", f"unix://{runtime}/podman/podman.sock", kind="podman")
    yield Place("Podman's system socket", "unix:///run/podman/podman.sock", kind="podman")


def _context() -> Place | None:
    """The current docker context's engine; None for the default context."""
    folder = _docker_folder()
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError):
        config = {}
    written = config.get("currentContext") if isinstance(config, dict) else None
    name = str(os.environ.get("DOCKER_CONTEXT") or written or "default")
    if name == "default":
        return None
    source = f"the docker context {name!r}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    try:
        meta = json.loads((folder / "contexts" / "meta" / digest / "meta.json").read_text())
        host = str(meta["Endpoints"]["docker"]["Host"])
    except (OSError, ValueError, KeyError, TypeError):
        return Place(source, "", explicit=True, error="the context is not there: docker context ls")
    ours = _is_ours(host)
    return Place(source, host, explicit=True, binding=ours, ours=ours)


def _docker_folder() -> Path:
    """Where the docker command keeps its settings; none need be there."""
    try:
        return Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser()
    except RuntimeError:  # there is no home
        return Path(os.devnull)


def _is_ours(url: str) -> bool:
    return url == EngineProcess().url


def look(place: Place) -> Finding:
    """What is at a place."""
    if place.error:
        return Finding(place, False, place.error)
    scheme, _, rest = place.url.partition("://")
    if scheme == "unix":
        answer = ping(rest)
        return Finding(place, answer.ok, answer.reason, answer.server, answer.there)
    try:
        client = _client(place.url, timeout=LOOK_SECONDS)
        server = str(client.version().get("Version", ""))
        client.close()
    except Exception as error:
        return Finding(place, False, f"cannot be reached ({error})")
    return Finding(place, True, "", server)


def find() -> tuple[Finding | None, list[Finding]]:
    """The first engine that answers, and all that was looked at on the way."""
    seen: list[Finding] = []
    for place in places():
        if any(finding.place.url == place.url for finding in seen):
            continue
        finding = look(place)
        seen.append(finding)
        if finding.ok:
            return finding, seen
        if place.binding:
            break
    return None, seen


def connect(url: str | None = None, *, quiet: bool = False) -> Lab:
    """Connect to an engine, starting the embedded one if there is no other.

    It says in one sentence which engine it found and why, unless ``quiet``; the sentence is kept
    as ``lab.why``. The last connection made is the one that ``%docker`` uses.

    >>> import dockerlab
    >>> lab = dockerlab.connect()  # doctest: +SKIP
    Connected to Docker Engine 27.1 at unix:///var/run/docker.sock, because Docker's socket answers.
    >>> private = dockerlab.connect("unix:///tmp/mine/docker.sock")  # doctest: +SKIP
    """
    global _default
    lab = _connect_to(url) if url else _connect_somewhere()
    _default = lab
    if not quiet:
        print(lab.why)
    return lab


def current(*, quiet: bool = False) -> Lab:
    """The last connection made, or a new one."""
    return _default or connect(quiet=quiet)


def _connect_to(url: str) -> Lab:
    finding = look(Place("the address given", url, explicit=True))
    if not finding.ok:
        raise EngineUnavailable(
            f"Cannot connect to the Docker daemon at {url}: it {finding.reason}",
            "is the address right and the engine started? dockerlab doctor looks at all of them",
        )
    return _lab(url, "it is the address given")


def _connect_somewhere() -> Lab:
    wish = os.environ.get("DOCKERLAB_ENGINE", "")
    if wish not in ("", "auto", "docker", "embedded"):
        raise EngineUnavailable(
            f"DOCKERLAB_ENGINE={wish} is not known", "it may be docker, embedded or auto"
        )
    if wish == "embedded":
        return _embedded("DOCKERLAB_ENGINE=embedded asks for it")
    found, seen = find()
    if found is not None:
        return _lab(found.place.url, _because(found, seen))
    if seen and seen[-1].place.ours and wish != "docker":
        return _embedded(f"{seen[-1].place.source} names it")
    if seen and seen[-1].place.binding:
        raise EngineUnavailable(
            f"Cannot connect to the Docker daemon: {_passed(seen[-1])}",
            "start that engine, or unset DOCKER_HOST to let dockerlab find or start one",
        )
    if wish == "docker":
        raise EngineUnavailable(
            "no Docker or Podman engine answers, and DOCKERLAB_ENGINE=docker forbids the embedded"
            " one:\n" + "\n".join(f"  {_passed(finding)}" for finding in seen),
            "start Docker, or unset DOCKERLAB_ENGINE",
        )
    return _embedded(_nothing_else(seen))


def _because(found: Finding, seen: list[Finding]) -> str:
    passed = [_passed(finding) for finding in seen[:-1] if finding.there or finding.place.explicit]
    place = found.place
    names_it = "names it" if place.explicit else "answers"
    reason = f"{place.source} {names_it}"
    return reason + (f" ({'; '.join(passed)})" if passed else "")


def _nothing_else(seen: list[Finding]) -> str:
    passed = [_passed(finding) for finding in seen if finding.there or finding.place.explicit]
    reason = "no Docker or Podman answers here"
    return reason + (f" ({'; '.join(passed)})" if passed else "")


def _passed(finding: Finding) -> str:
    where = f" ({finding.place.url})" if finding.place.url else ""
    return f"{finding.place.source}{where} {finding.reason}"


def _embedded(because: str) -> Lab:
    engine = EngineProcess()
    engine.start()
    return _lab(reachable_url(engine.socket), because)


@explained()
def _lab(url: str, because: str) -> Lab:
    # docker-py takes a third of a second to import; nobody needs it before connecting.
    from dockerlab.client.lab import Lab

    scheme, _, rest = url.partition("://")
    client = _client(reachable_url(Path(rest)) if scheme == "unix" else url)
    return Lab(client, url, f"Connected to {_name(client.version())} at {url}, because {because}.")


def _client(url: str, timeout: int = API_TIMEOUT) -> Any:
    try:
        import docker
    except ImportError as error:
        raise EngineUnavailable(
            f"the Python package docker is missing ({error})",
            "set it up with make lab, or: pip install 'docker>=7.2'",
        ) from error
    tls = None
    if os.environ.get("DOCKER_TLS_VERIFY") and not url.startswith("unix://"):
        folder = Path(os.environ.get("DOCKER_CERT_PATH") or "~/.docker").expanduser()
        tls = docker.tls.TLSConfig(
            client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
            ca_cert=str(folder / "ca.pem"),
            verify=True,
        )
    return docker.DockerClient(base_url=url, version="auto", timeout=timeout, tls=tls or False)


def _name(version: dict[str, Any]) -> str:
    """``Docker Engine 27.1``, ``Podman Engine 4.3``, ``dockerlab's embedded engine 0.1``."""
    parts: list[dict[str, Any]] = version.get("Components") or []
    engine = next((part for part in parts if "Engine" in part.get("Name", "")), {})
    name = str(engine.get("Name") or "Engine")
    platform = str((version.get("Platform") or {}).get("Name") or "")
    number = str(version.get("Version") or engine.get("Version") or "")
    if "dockerlab" in (platform + name).lower():
        return f"dockerlab's embedded engine {number}"
    if name == "Engine":
        name = "Docker Engine"
    return f"{name} {number}".strip()
