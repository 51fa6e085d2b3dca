"""Getting an image into the engine: pulled from a registry, or loaded from an archive.

The engine's API is called directly where docker-py would wait for ever or hold
an archive in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import requests

from dockerlab.course.progress import Progress, Step
from dockerlab.course.standins.workshop import Standin
from dockerlab.errors import EngineRefused

if TYPE_CHECKING:
    import docker

# A registry that says nothing for this long is taken for unreachable. Later
# silences are longer: an engine may be busy unpacking.
_FIRST_WORD_SECONDS = 8
_SILENCE_SECONDS = 300
_FULL_HINT = "Free some space on the engine's disk (docker system prune), then try again."
_REGISTRY_HINT = "Check the network, or a registry mirror in the engine's settings."


def pull(api: docker.APIClient, reference: str, progress: Progress) -> None:
    """Pull one reference. Raises EngineRefused with the reason when it cannot be had."""
    try:
        _follow_pull(api, reference, progress, _FIRST_WORD_SECONDS)
    except _Silent as silence:
        if not silence.heard:
            reason = f"no answer within {_FIRST_WORD_SECONDS} s"
            raise EngineRefused(reason, _REGISTRY_HINT) from silence
        # It answers, only slowly: ask again with more patience, for what is left.
        _follow_pull(api, reference, progress, _SILENCE_SECONDS)


class _Silent(Exception):
    """Nothing came for too long; ``heard``: something had come before."""

    def __init__(self, heard: bool) -> None:
        super().__init__()
        self.heard = heard


def _follow_pull(
    api: docker.APIClient, reference: str, progress: Progress, patience: float
) -> None:
    name, _, tag = reference.partition(":")
    heard = False
    sizes: dict[str, tuple[int, int]] = {}
    # Not api.pull(): that one waits for ever for an engine that cannot resolve a name.
    try:
        with api.post(
            f"{api.base_url}/v{api.api_version}/images/create",
            params={"fromImage": name, "tag": tag},
            stream=True,
            timeout=patience,
        ) as answer:
            for event in _events(answer):
                heard = True
                _count_layers(event, sizes)
                progress(_sum(f"Pulling {reference}", sizes))
    except requests.Timeout as error:
        raise _Silent(heard) from error
    except requests.ConnectionError as error:
        # requests reports a timeout in the middle of a stream as a broken connection.
        if "timed out" in str(error).lower():
            raise _Silent(heard) from error
        raise EngineRefused(
            f"the engine broke off: {error}", "Try it again; dockerlab doctor looks at the engine."
        ) from error


def _events(answer: requests.Response) -> Iterator[dict[str, Any]]:
    """The objects of a JSON stream. Raises EngineRefused for an error in or before it."""
    if answer.status_code >= 400:
        message = str(_json_object(answer.content).get("message") or answer.reason)
        raise EngineRefused(message, _hint(message), status=answer.status_code)
    for line in answer.iter_lines():
        event = _json_object(line)
        if "error" in event:
            raise EngineRefused(str(event["error"]), _hint(str(event["error"])))
        yield event


def _hint(message: str) -> str:
    return _FULL_HINT if "no space left" in message.lower() else _REGISTRY_HINT


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _count_layers(event: dict[str, Any], sizes: dict[str, tuple[int, int]]) -> None:
    detail = event.get("progressDetail") or {}
    if event.get("status") == "Downloading" and detail.get("total"):
        sizes[str(event.get("id"))] = (detail.get("current", 0), detail["total"])
    elif event.get("status") in ("Download complete", "Pull complete"):
        _, total = sizes.get(str(event.get("id")), (0, 0))
        sizes[str(event.get("id"))] = (total, total)


def _sum(text: str, sizes: dict[str, tuple[int, int]]) -> Step:
    return Step(
        text, sum(done for done, _ in sizes.values()), sum(total for _, total in sizes.values())
    )


def load(api: docker.APIClient, standin: Standin, progress: Progress) -> None:
    """Send an archive to the engine, from the file, never all in memory."""
    with standin.path.open("rb") as file:
        send(api, standin.name, file, standin.path.stat().st_size, progress)


class Readable(Protocol):
    """As much of a file as is needed here."""

    def read(self, size: int = -1) -> bytes: ...


def send(
    api: docker.APIClient, name: str, archive: Readable, size: int, progress: Progress
) -> None:
    """Have the engine load the next ``size`` bytes. Raises EngineRefused."""
    counted = _Counted(archive, size, f"Loading {name}", progress)
    try:
        with api.post(
            f"{api.base_url}/v{api.api_version}/images/load",
            data=counted,
            params={"quiet": "1"},
            headers={"Content-Type": "application/x-tar"},
            stream=True,
            timeout=_SILENCE_SECONDS,
        ) as answer:
            for _ in _events(answer):
                pass
    except requests.RequestException as error:
        raise EngineRefused(
            f"{name} could not be loaded: {error}",
            "Try it again; dockerlab doctor looks at the engine and at the room on the disk.",
        ) from error


class _Counted:
    """A file that says how much of it was read."""

    def __init__(self, file: Readable, size: int, text: str, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._step = Step(text, 0, size)

    def __len__(self) -> int:
        return self._step.total

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._step = Step(self._step.text, self._step.done + len(data), self._step.total)
        self._progress(self._step)
        return data
