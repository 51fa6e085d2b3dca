"""The one place where docker-py's errors become ours, with a hint for a learner.

Used as ``@explained()`` on what a learner calls, or ``with explained():``. The raw docker-py
objects stay raw: they raise docker-py's own errors.
"""

from __future__ import annotations

import re
from contextlib import ContextDecorator
from types import TracebackType

from dockerlab.errors import (
    ConflictHere,
    DockerlabError,
    EngineRefused,
    EngineUnavailable,
    NotFoundHere,
)

_HINTS = (
    (r"container \S+ is not running", "start it first: docker start NAME"),
    (r"cannot remove a running container", "stop it first (docker stop NAME) or use -f"),
    (r"You cannot remove a paused container", "unpause and stop it first or use -f"),
    (
        r"container name .* is already in use",
        "such a name is taken: choose another, or remove the old one with docker rm NAME",
    ),
    (
        r"executable file not found|no such file or directory.*unknown$|stat .*no such file",
        "the image has no such program: its files are all that the container has",
    ),
    (r"permission denied.*unknown$", "the file is there but may not be executed"),
    (
        r"cannot expose privileged port",
        "ports below 1024 are for the administrator: take another on the host, as -p 8080:80",
    ),
    (
        r"port is already allocated|address already in use|all ports are allocated",
        "the port is taken on the host: choose another, as -p 8081:80, or stop who has it",
    ),
    (r"No such container", "docker ps -a lists the containers that there are"),
    (r"No such image|manifest unknown|repository does not exist", "docker images lists those here"),
    (r"pull access denied", "check the spelling; private images need docker login"),
    (r"no such volume", "docker volume ls lists the volumes that there are"),
    (r"network \S+ not found", "docker network ls lists the networks that there are"),
    (
        r"has active endpoints",
        "containers are in it: remove them, or take them out with docker network disconnect",
    ),
    (
        r"network with name .* already exists",
        "use the one that is there, choose another name, or remove it with docker network rm",
    ),
    (
        r"pool overlaps with other one",
        "another network has these addresses: name a free subnet, or none and get a free one",
    ),
    (
        r"supported (?:on|only for containers in) user defined networks",
        "make a network first (docker network create NAME) and use --network NAME",
    ),
    (
        r"endpoint with name .* already exists in network",
        "the container is in that network already: docker network inspect shows who is",
    ),
    (
        r"is not connected to (?:the )?network",
        "docker network inspect shows which containers are in a network",
    ),
    (
        r"image is referenced in multiple repositories",
        "it has several names: docker rmi NAME takes one away, the last one takes the image along",
    ),
    (
        r"image is being used by (?:a )?(?:stopped|running) container"
        r"|is using its referenced image|conflict: unable to",
        "remove the container that uses it first (docker rm), or use -f for a stopped one",
    ),
    (r"volume is in use", "remove the containers that use it first"),
    (r"no such host|dial tcp|failure in name|Name or service not known|i/o timeout|TLS handshake",
     "the registry cannot be reached from here: is there a network? "
     "dockerlab images prepare brings the course's images without one"),
    (r"is already paused", "docker unpause NAME lets it go on"),
    (r"is not paused", "docker pause NAME would pause it"),
    (r"no space left on device", "the disk is full: docker system prune frees what is not used"),
)  # fmt: skip


def hint_for(message: str) -> str:
    """What to try after Docker's ``message``; empty when there is nothing useful to say."""
    matching = (hint for words, hint in _HINTS if re.search(words, message, re.IGNORECASE))
    return next(matching, "")


class explained(ContextDecorator):
    """Errors of docker-py and of the connection leave as dockerlab's."""

    def __enter__(self) -> explained:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, DockerlabError):
            ours = translate(error)
            if ours is not None:
                # The whole chain of docker-py and requests would hide the sentence that helps;
                # it stays reachable as __context__.
                raise ours from None


def translate(error: Exception) -> DockerlabError | None:
    """Our error for one of docker-py's or of the connection; None for any other."""
    # Both are loaded by then, unless the error is none of theirs; importing them at the top
    # would cost every `import dockerlab` half a second.
    import docker.errors
    import requests.exceptions
    import urllib3.exceptions

    if isinstance(error, docker.errors.APIError):
        return _refused(error)
    if isinstance(error, docker.errors.BuildError | docker.errors.ImageLoadError):
        return EngineRefused(str(error), hint_for(str(error)))
    if isinstance(error, requests.exceptions.ReadTimeout):
        return EngineUnavailable(
            "the engine did not answer in time", "try again; dockerlab doctor looks at the engine"
        )
    lost = (
        requests.exceptions.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        urllib3.exceptions.HTTPError,
    )
    if isinstance(error, lost):
        return EngineUnavailable(
            "Cannot connect to the Docker daemon. Is the docker daemon running?",
            "dockerlab doctor finds out; dockerlab.connect() connects again",
        )
    if isinstance(error, docker.errors.DockerException):
        return EngineUnavailable(str(error), "dockerlab doctor finds out what is wrong")
    return None


def _refused(error: Exception) -> EngineRefused:
    status = int(getattr(error, "status_code", None) or 500)
    message = str(getattr(error, "explanation", None) or error)
    kind = {404: NotFoundHere, 409: ConflictHere}.get(status, EngineRefused)
    return kind(message, hint_for(message), status=status)


def stream_error(message: str) -> EngineRefused:
    """The error for an ``errorDetail`` inside a stream that began well (pull, load, build)."""
    return EngineRefused(message, hint_for(message))
