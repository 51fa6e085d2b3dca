"""A version's image: its bundle fetched, checked and built, in a thread that can be stopped."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from docker.errors import APIError

from dockerlab.client.builds.build import Plan, Run, failure
from dockerlab.client.builds.context import find
from dockerlab.client.builds.memory import Memory
from dockerlab.client.builds.planning import Options
from dockerlab.client.explain import explained, translate
from dockerlab.cloud.beanstalk import bundle
from dockerlab.cloud.beanstalk.fleet.instances import Release, tail
from dockerlab.cloud.beanstalk.fleet.site import Site
from dockerlab.cloud.errors import SourceUnavailable
from dockerlab.errors import BuildFailed, DockerfileError, DockerlabError, EngineUnavailable
from dockerlab.formats.buildtrace import BuildTrace, Status
from dockerlab.formats.dockerfile.instructions import Expose
from dockerlab.formats.dockerfile.reader import read
from dockerlab.formats.reference import parse

Told = Callable[[str, str], None]
"""Called with a severity and a sentence for an event."""


class NotBuilt(DockerlabError):
    """There is no image of a version; ``message`` is the event's sentence."""


class Job(threading.Thread):
    """Makes a version's image. ``result`` after ``is_alive()`` has become False."""

    def __init__(
        self, site: Site, version: str, source: Callable[[], BinaryIO], root: Path, told: Told
    ) -> None:
        super().__init__(name=f"image-{site.name}", daemon=True)
        self._site, self._version, self._source, self._told = site, version, source, told
        self._root = root
        self._run: Run | None = None
        self._stopped = False
        self._release: Release | None = None
        self._error: Exception | None = None
        self.made: tuple[str, ...] = ()
        """The images that the build made, the last one first."""
        self.start()

    def result(self) -> Release:
        """NotBuilt says why there is none; EngineUnavailable, that the engine was lost."""
        if self._release is not None:
            return self._release
        error = self._error or NotBuilt("The build was stopped")
        if isinstance(error, NotBuilt | EngineUnavailable):
            raise error
        raise NotBuilt(f"The image could not be made: {error}") from error

    def stop(self) -> None:
        self._stopped = True
        if self._run is not None:
            self._run.stop()

    # --- the thread ---

    def run(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="bundle-", dir=self._root))
        try:
            self._release = self._make(folder)
        except Exception as error:  # told by ``result``
            self._error = NotBuilt("The build was stopped") if self._stopped else self._said(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _make(self, folder: Path) -> Release:
        with closing(self._source()) as source:
            notes = bundle.unpack(source, folder)
        for note in notes:
            self._told("WARN", note)
        self._told("INFO", "Building the image of the source bundle's Dockerfile.")
        text = (folder / "Dockerfile").read_bytes()
        declared = exposed(text)
        image = self._build(folder)
        return Release(self._version, image, self._port(declared, image))

    def _build(self, folder: Path) -> str:
        tag = f"{self._site.name.lower()}:{tag_of(self._version)}"
        parse(tag)
        # The container of a step that failed would stay, and nothing says whose it is.
        options = Options(labels=self._site.labels("image"), force_rm=True)
        plan = Plan.of(find(folder, "Dockerfile"), options, (tag,))
        with explained():
            images = self._inspector()
            engine = str(self._site.api.info().get("ID") or "")
            memory = Memory(engine, lambda image: bool(images(image)), self._root / "builds")
            self._run = Run(self._site.api, plan, memory, images)
            trace = self._run.run(self._seen)
        if trace.error or not trace.image:
            raise failure(trace, plan)
        return trace.image

    def _seen(self, trace: BuildTrace) -> None:
        ran = (step.image for step in trace.steps if step.status is Status.RAN and step.image)
        self.made = (*([trace.image] if trace.image else []), *reversed(list(ran)))
        # ``stop`` may have come before there was anything to stop.
        if self._stopped:
            raise NotBuilt("The build was stopped")

    def _inspector(self) -> Callable[[str], Mapping[str, Any]]:
        @cache
        def inspect(name: str) -> Mapping[str, Any]:
            try:
                return dict(self._site.api.inspect_image(name))
            except APIError as error:
                if error.status_code not in (400, 404):
                    raise
                return {}

        return inspect

    def _port(self, declared: str, image: str) -> int:
        if declared.isdecimal():
            return int(declared)
        # A variable: the engine has put its value in.
        with explained():
            ports = self._site.api.inspect_image(image)["Config"].get("ExposedPorts") or {}
        found = sorted(int(one.partition("/")[0]) for one in ports if one.endswith("/tcp"))
        if not found:
            raise NotBuilt(f"EXPOSE {declared} of the Dockerfile names no port.")
        return found[0]

    def _said(self, error: Exception) -> Exception:
        if isinstance(error, BuildFailed):
            lost = _engine_lost(self._site.api) if not error.trace.failed else None
            return lost or NotBuilt(build_failure(error))
        if isinstance(error, SourceUnavailable):
            return NotBuilt(f"The source bundle could not be downloaded from S3: {error.message}.")
        if isinstance(error, DockerfileError):
            where = f"line {error.line} of " if error.line else ""
            return NotBuilt(f"Failed to build the image: {where}the Dockerfile: {error.message}")
        if isinstance(error, bundle.BundleError):
            return NotBuilt(error.message)
        return translate(error) or error


def _engine_lost(api: Any) -> Exception | None:
    """A stream that ends without a word: has the engine ended, or the build?"""
    try:
        with explained():
            api.ping()
    except EngineUnavailable as error:
        return error
    return None


def build_failure(error: BuildFailed) -> str:
    """The line that failed, the engine's words, and what the step printed last."""
    step = error.step
    head = f"Failed to build the image: {error.message}"
    if step is not None:
        where = f"line {error.line} of the Dockerfile" if error.line else f"step {step.number}"
        head = f"Failed to build the image at {where} ({step.instruction}): {error.message}"
    told = tail(step.log) if step is not None else ""
    hint = f"\n→ {error.hint}" if error.hint else ""
    return head + (f"\n{told}" if told else "") + hint


def exposed(text: bytes) -> str:
    """The first TCP port of the last stage's first EXPOSE, as written. NotBuilt without one."""
    steps = read(text).stages[-1].steps
    ports = [port for step in steps if isinstance(step, Expose) for port in step.ports]
    tcp = [port.partition("/")[0] for port in ports if not port.lower().endswith("/udp")]
    if not tcp:
        raise NotBuilt(
            "No EXPOSE directive was found in the Dockerfile, so nobody knows at which port the "
            "app listens: the deployment is aborted. EXPOSE of a base image does not count."
        )
    return tcp[0].partition("-")[0]


def tag_of(version: str) -> str:
    """A version's label as an image's tag, which allows fewer characters."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", version)[:100].lstrip(".-") or "version"
