"""What ``lab`` can do with Dockerfiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerlab.client.builds.build import Build, Plan, Records, Run, Watcher, failure
from dockerlab.client.builds.causes import KEY
from dockerlab.client.builds.context import Sent, find
from dockerlab.client.builds.forecast import Forecast
from dockerlab.client.builds.memory import Memory
from dockerlab.client.builds.planning import Options
from dockerlab.client.explain import explained
from dockerlab.client.images import Image
from dockerlab.client.patience import step_of, telling
from dockerlab.errors import DockerlabError
from dockerlab.formats.dockerfile.instructions import Copy, Dockerfile
from dockerlab.formats.dockerfile.instructions import Run as RunInstruction
from dockerlab.formats.text import size

if TYPE_CHECKING:
    import docker

_HEREDOCS_SINCE = 23
"""Docker Engine whose BuildKit reads heredocs without fetching another frontend."""


class BuildCalls:
    """The part of ``Lab`` that builds."""

    docker: docker.DockerClient
    api: Any

    @explained()
    def build(
        self,
        path: str | Path = ".",
        *,
        tag: str | Sequence[str] = (),
        dockerfile: str | Path = "Dockerfile",
        args: Mapping[str, str] | None = None,
        target: str = "",
        no_cache: bool = False,
        pull: bool = False,
        labels: Mapping[str, str] | None = None,
        network: str = "",
        rm: bool = True,
        force_rm: bool = False,
        builder: str = "",
        progress: Watcher | None = None,
        records: Records | None = None,
        sent: Sent | None = None,
    ) -> Build:
        """Build an image from a folder and its Dockerfile; ``BuildFailed`` tells which step failed.

        ``dockerfile`` is a path, in the folder or from here, or the text itself. ``builder`` is
        ``"classic"`` or ``"buildkit"``; without it the classic one is taken, unless the Dockerfile
        needs the other. ``rm`` removes the containers of the steps, ``force_rm`` also that of one
        that failed, which is left to be looked into otherwise. While it runs ``progress`` is called
        with the trace so far, ``records`` with what the engine sends and ``sent`` with the bytes
        sent; with none of them, a line says how far a build is that takes long. An interrupt stops
        the build.

        >>> lab.build("app", tag="me/app:1").trace.hits  # doctest: +SKIP
        3
        """
        options = replace(
            _options(args, target, no_cache, pull, labels, network), rm=rm, force_rm=force_rm
        )
        tags = (tag,) if isinstance(tag, str) and tag else tuple(tag)
        plan = Plan.of(find(path, dockerfile), options, tags)
        plan.use(*self._builder(plan.dockerfile, builder))
        images = self._inspector()
        run = Run(self.api, plan, self._memory(images), images)
        heard = any((progress, records, sent))
        with telling(f"Building {tags[0] if tags else 'an image'}", silent=heard) as at:
            trace = run.run(
                progress or (lambda trace: at(step_of(trace))),
                records,
                sent or (lambda count: at(f"sent {size(count)} of files")),
            )
        if trace.error or not trace.image:
            raise failure(trace, plan)
        image = Image(self.docker.images.get(trace.image))
        return Build(image, trace, (*plan.notes, *run.warnings))

    @explained()
    def forecast(
        self,
        path: str | Path = ".",
        *,
        dockerfile: str | Path = "Dockerfile",
        args: Mapping[str, str] | None = None,
        target: str = "",
        no_cache: bool = False,
        labels: Mapping[str, str] | None = None,
        builder: str = "",
    ) -> Forecast:
        """Which steps the next build of the folder will find in the cache, and why not the others.

        It knows of the builds that ``lab.build`` and ``%docker build`` made.

        >>> lab.forecast("app").trace.misses  # doctest: +SKIP
        1
        """
        options = _options(args, target, no_cache, False, labels, "")
        plan = Plan.of(find(path, dockerfile), options)
        plan.use(*self._builder(plan.dockerfile, builder))
        images = self._inspector(fresh=True)
        return Forecast(self.api, plan, lambda: self._memory(self._inspector()), images)

    def _inspector(self, *, fresh: bool = False) -> Callable[[str], Mapping[str, Any]]:
        """Inspects images; each once, for a build asks after the same ones again and again."""

        def inspect(name: str) -> Mapping[str, Any]:
            try:
                return dict(self.api.inspect_image(name))
            except Exception as error:
                if getattr(error, "status_code", 0) not in (400, 404):
                    raise
                return {}

        return inspect if fresh else cache(inspect)

    def _memory(self, images: Callable[[str], Mapping[str, Any]]) -> Memory:
        engine = str(self.api.info().get("ID") or self.api.base_url)
        return Memory(engine, lambda image: image.startswith(KEY) or bool(images(image)))

    def _builder(self, dockerfile: Dockerfile | None, wish: str) -> tuple[str, tuple[str, ...]]:
        """The builder to use, and why, where that is not plain."""
        if wish not in ("", "classic", "buildkit"):
            raise DockerlabError(
                f"there is no builder {wish!r}", 'it may be "classic" or "buildkit"'
            )
        version = self.docker.version()
        embedded = str((version.get("Platform") or {}).get("Name", "")).startswith("dockerlab")
        if embedded and wish == "buildkit":
            raise DockerlabError(
                "the embedded engine has no BuildKit",
                "its own builder understands what BuildKit does: leave builder out",
            )
        needs = [] if embedded or dockerfile is None else _only_buildkit(dockerfile)
        if wish or not needs:
            return wish or "classic", ()
        major = int(re.match(r"\d*", str(version.get("Version", "")))[0] or 0)  # type: ignore[index]
        if "a heredoc" in needs and major < _HEREDOCS_SINCE and not dockerfile_syntax(dockerfile):
            raise DockerlabError(
                f"Docker Engine {version.get('Version')} does not understand a heredoc (<<EOF)",
                "write the commands with && and \\ at the line ends, "
                "or connect with DOCKERLAB_ENGINE=embedded",
            )
        return "buildkit", (f"Built by BuildKit, because the Dockerfile has {needs[0]}.",)


def dockerfile_syntax(dockerfile: Dockerfile | None) -> str:
    return dockerfile.syntax if dockerfile is not None else ""


def _options(
    args: Mapping[str, str] | None,
    target: str,
    no_cache: bool,
    pull: bool,
    labels: Mapping[str, str] | None,
    network: str,
) -> Options:
    return Options(
        args={name: str(value) for name, value in (args or {}).items()},
        target=target,
        labels=dict(labels or {}),
        no_cache=no_cache,
        pull=pull,
        network=network,
    )


def _only_buildkit(dockerfile: Dockerfile) -> list[str]:
    """What in a Dockerfile the classic builder of Docker Engine cannot do."""
    found: list[str] = []
    for stage in dockerfile.stages:
        for step in stage.steps:
            if getattr(step, "heredocs", ()):
                found.insert(0, "a heredoc")
            if isinstance(step, RunInstruction) and (step.mounts or step.network):
                found.append(f"RUN {'--mount' if step.mounts else '--network'}")
            if isinstance(step, Copy) and step.mode:
                found.append(f"{step.keyword} --chmod")
    return found
