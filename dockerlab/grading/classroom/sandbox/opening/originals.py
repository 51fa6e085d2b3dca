"""What the tags of images mean in a new box: the same in each, so only the first is asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import docker

_API_VERSION = "1.41"
_TIMEOUT = 60


class Originals:
    """Of the boxes of one maker; may be used by several threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._found: Mapping[str, str] | None = None

    def of(self, url: str) -> Mapping[str, str]:
        """Ids by tags. ``url``: of a new box's engine, to which no submission has spoken yet."""
        with self._turn:
            if self._found is None:
                self._found = _tagged(url)
            return self._found


def _tagged(url: str) -> dict[str, str]:
    client = docker.APIClient(base_url=url, timeout=_TIMEOUT, version=_API_VERSION)
    try:
        return {tag: image["Id"] for image in client.images() for tag in image["RepoTags"] or ()}
    finally:
        client.close()
