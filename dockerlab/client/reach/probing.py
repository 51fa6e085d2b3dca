"""Trying connections from a container: by exec in it, else from a helper in its network."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from docker.errors import APIError, DockerException

from dockerlab.client.reach.script import BESIDE, arguments, read
from dockerlab.client.sessions import STDOUT, execute
from dockerlab.formats.composed.reach import Attempt

HELPERS = ("busybox", "alpine")
"""Images that a helper may be made of, if they are there: nothing is pulled for it."""
SPARE = 20.0
"""Seconds on top of the tries, for starting a helper on a busy machine."""

LONGEST = 1 << 20
"""Bytes of an answer that are read."""

Found = Mapping[tuple[str, int], Attempt]


def probe(
    api: Any, container: str, tries: Sequence[tuple[str, int]], known: Sequence[str], seconds: float
) -> tuple[str, str, Found]:
    """The tool used, why there was none ("" when there was one), and what came of each try.

    ``known`` are those of the names that are addresses.
    """
    command = arguments(seconds, tries)
    limit = seconds * (len(tries) // BESIDE + 1) + SPARE
    tool, found = read(_by_exec(api, container, command, limit), known)
    if tool:
        return tool, _short(found, tries), found
    image = _helper(api)
    if not image:
        why = "its image has no tool to connect with, and there is no busybox image to help out"
        return "", why, {}
    try:
        tool, found = read(_by_helper(api, container, image, command, limit), known)
    except (DockerException, OSError) as error:
        return "", str(getattr(error, "explanation", "") or error), {}
    if not tool:
        return "", f"{image} has no tool to connect with either", {}
    return f"{tool} of {image}", _short(found, tries), found


def _short(found: Found, tries: Sequence[tuple[str, int]]) -> str:
    """What to say when not all was answered; a container may also make answers up."""
    answered = sum(one in found for one in tries)
    if answered == len(tries):
        return ""
    return f"only {answered} of {len(tries)} tries were answered in time"


def _by_exec(api: Any, container: str, command: list[str], limit: float) -> str:
    body = {"Cmd": command, "AttachStdout": True, "AttachStderr": True}
    try:
        session = execute(api, container, body)
    except APIError:  # no shell in the image
        return ""
    # What is called sh there may do anything: be silent, or never stop.
    timer = threading.Timer(limit, session.close)
    timer.start()
    told = b""
    try:
        for stream, data in session.output():
            told += data if stream == STDOUT else b""
            if len(told) > LONGEST:
                break
    finally:
        timer.cancel()
        session.close()
    return told.decode(errors="replace")


def _helper(api: Any) -> str:
    for name in HELPERS:
        with contextlib.suppress(APIError):
            api.inspect_image(name)
            return name
    return ""


def _by_helper(api: Any, container: str, image: str, command: list[str], limit: float) -> str:
    body = {
        "Image": image,
        "Entrypoint": command,
        "Cmd": [],
        "Labels": {"dockerlab.reach": container},
        "HostConfig": {"NetworkMode": f"container:{container}"},
    }
    helper = api.create_container_from_config(body, None)["Id"]
    try:
        api.start(helper)
        api.wait(helper, timeout=limit)
        return bytes(api.logs(helper)).decode(errors="replace")[:LONGEST]
    finally:
        with contextlib.suppress(APIError):
            api.remove_container(helper, force=True, v=True)
