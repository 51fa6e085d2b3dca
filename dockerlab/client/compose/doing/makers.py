"""Build and pull the images of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dockerlab.client.explain import translate
from dockerlab.client.images import fetch
from dockerlab.client.patience import step_of
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import BuildTrace
from dockerlab.formats.composed.plan import Step
from dockerlab.formats.composefile.model import Build as BuildOptions
from dockerlab.formats.composefile.model import Project, Service

if TYPE_CHECKING:
    from dockerlab.client.builds.build import Build
    from dockerlab.client.lab import Lab

BUILDER = {"com.docker.compose.image.builder": "classic"}
UNUSABLE = ("additional_contexts", "ssh", "cache_to", "entitlements", "secrets", "platforms")
"""Of ``build:``; the classic builder has none of them."""


@dataclass(slots=True)
class Makers:
    """Builds and pulls for the steps of a plan. ``built`` keeps the builds, by service."""

    lab: Lab
    project: Project
    watch: Callable[[str, BuildTrace], object] | None = None
    """Called with a service and the trace of its build, whenever there is something new."""
    no_cache: bool = False
    pull: bool = False
    args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments in place of the file's."""
    built: dict[str, Build] = field(default_factory=dict)

    def telling(self, at: Callable[[str], None]) -> Makers:
        """These, with ``at`` called with the step that a build is at."""
        return replace(self, watch=lambda service, trace: at(f"{service}, {step_of(trace)}"))

    def all(self) -> Mapping[str, Callable[[Step], object]]:
        return {"build image": self.build, "pull image": self.fetch}

    def build(self, step: Step) -> None:
        service = self._service(step)
        options = service.build
        assert options is not None
        _refuse(service, options)
        self.built[service.name] = self.lab.build(
            _context(service, options),
            tag=(service.image_name, *options.tags),
            dockerfile=options.dockerfile_inline or options.dockerfile,
            args=self._args(options),
            target=options.target,
            labels={**options.labels, **BUILDER},
            network=options.network,
            no_cache=options.no_cache or self.no_cache,
            pull=options.pull or self.pull,
            progress=lambda trace: self._tell(service.name, trace),
        )

    def fetch(self, step: Step) -> None:
        service = self._service(step)
        try:
            fetch(self.lab.api, service.image_name, platform=service.platform)
        except Exception as error:
            raise _missing(service, error) from None

    def _tell(self, service: str, trace: BuildTrace) -> None:
        if self.watch is not None:
            self.watch(service, trace)

    def _args(self, options: BuildOptions) -> dict[str, str]:
        given = {name: value for name, value in options.args.items() if value is not None}
        return {**given, **self.args}

    def _service(self, step: Step) -> Service:
        return self.project.every[step.service]


def _context(service: Service, options: BuildOptions) -> Path:
    if "://" in options.context or options.context.startswith("git@"):
        raise DockerlabError(
            f"the service {service.name} is built from {options.context}: "
            "only folders of this machine can be built here",
            "clone it, and give the folder as its context",
        )
    context = Path(options.context)
    if not context.is_dir():
        raise DockerlabError(
            f'unable to prepare context: path "{context}" not found',
            f"the build context of the service {service.name} has to be a folder that is there",
        )
    return context


def _refuse(service: Service, options: BuildOptions) -> None:
    for name in UNUSABLE:
        if getattr(options, name):
            raise DockerlabError(
                f"the service {service.name} has build.{name}, which needs BuildKit",
                "take it out, or build the image with docker buildx",
            )


def _missing(service: Service, error: Exception) -> Exception:
    """What to say about an image that cannot be had."""
    ours = error if isinstance(error, DockerlabError) else translate(error)
    if ours is None:
        return error
    return DockerlabError(
        f"the image {service.image_name} of the service {service.name} is not here and cannot be "
        f"pulled: {ours.message}",
        "is its name right? docker images lists those that are here, dockerlab images prepare "
        f"brings the course's, and one of your own needs build: in the service {service.name}",
    )
