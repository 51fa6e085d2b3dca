"""Trying connections from a container: by exec in it, else from a helper in its network."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from docker.errors import APIError, DockerException

from dockerlab.client.reach.script import arguments, read
from dockerlab.formats.composed.reach import Attempt

HELPERS = ("busybox", "alpine")
"""Images that a helper may be made of, if they are there: nothing is pulled for it."""
SPARE = 20.0
"""Seconds on top of the tries, for starting a helper on a busy machine."""

Found = Mapping[tuple[str, int], Attempt]


def probe(
    api: Any, container: str, tries: Sequence[tuple[str, int]], known: Sequence[str], seconds: float
) -> tuple[str, str, Found]:
    """The tool used, why there was none ("" when there was one), and what came of each try.

    ``known`` are those of the names that are addresses.
    """
    command = arguments(seconds, tries)
    tool, found = read(_by_exec(api, container, command), known)
    if tool:
        return tool, "", found
    image = _helper(api)
    if not image:
        why = "its image has no tool to connect with, and there is no busybox image to help out"
        return "", why, {}
    try:
        tool, found = read(_by_helper(api, container, image, command, seconds, len(tries)), known)
    except (DockerException, OSError) as error:
        return "", str(getattr(error, "explanation", "") or error), {}
    return f"{tool or 'nothing'} of {image}", "" if tool else f"{image} has no tool either", found


def _by_exec(api: Any, container: str, command: list[str]) -> str:
    try:
        made = api.exec_create(container, command, stdin=False)
        return bytes(api.exec_start(made["Id"])).decode(errors="replace")
    except APIError:  # no shell in the image
        return ""


def _helper(api: Any) -> str:
    for name in HELPERS:
        with contextlib.suppress(APIError):
            api.inspect_image(name)
            return name
    return ""


def _by_helper(
    api: Any, container: str, image: str, command: list[str], seconds: float, tries: int
) -> str:
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
        api.wait(helper, timeout=seconds * (tries // 16 + 1) + SPARE)
        return bytes(api.logs(helper)).decode(errors="replace")
    finally:
        with contextlib.suppress(APIError):
            api.remove_container(helper, force=True, v=True)
