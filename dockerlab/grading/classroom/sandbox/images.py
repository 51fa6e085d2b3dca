"""The images that all submissions of a class have: the folder of an engine that is not running.

It is filled once and then only read, by every box's engine at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import docker

from dockerlab.client.engine_process import EngineProcess
from dockerlab.course.prepare import Prepared, prepare
from dockerlab.course.progress import Progress

_TIMEOUT = 300


def prepare_images(
    folder: Path,
    names: Iterable[str] | None = None,
    *,
    runtime: str = "namespaces",
    progress: Progress | None = None,
) -> list[Prepared]:
    """Have the course's images (or those named) in ``folder``; a moment where they are already.

    ``runtime``: of the engine that fetches or builds them here, as the machine allows.
    Raises EngineUnavailable, ImagesMissing.
    """
    engine = EngineProcess(folder)
    engine.start(runtime)
    try:
        client = docker.DockerClient(base_url=engine.url, timeout=_TIMEOUT, version="1.41")
        try:
            return prepare(client, names, progress=progress)
        finally:
            client.close()
    finally:
        engine.stop()
