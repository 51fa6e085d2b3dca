"""The labels by which Compose knows what is its own."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlab.formats.composefile.model import Dependency, Project, Service

PREFIX = "com.docker.compose."
PROJECT = PREFIX + "project"
SERVICE = PREFIX + "service"
NETWORK = PREFIX + "network"
VOLUME = PREFIX + "volume"
NUMBER = PREFIX + "container-number"
ONEOFF = PREFIX + "oneoff"
SLUG = PREFIX + "slug"
HASH = PREFIX + "config-hash"
IMAGE = PREFIX + "image"
REPLACE = PREFIX + "replace"
DEPENDS = PREFIX + "depends_on"
FILES = PREFIX + "project.config_files"
DIRECTORY = PREFIX + "project.working_dir"
VERSION = PREFIX + "version"

FOLLOWED = "2.26.1"
"""The Compose whose ways are followed, and whose containers are taken for our own."""


def of_container(project: Project, service: Service, number: int, image: str) -> dict[str, str]:
    """The labels of a service's container number ``number``, made of an image with this id."""
    return {
        **service.labels,
        HASH: service.config_hash,
        NUMBER: str(number),
        DEPENDS: depends_on(service.depends_on),
        IMAGE: image,
        ONEOFF: "False",
        PROJECT: project.name,
        FILES: ",".join(project.files),
        DIRECTORY: project.directory,
        SERVICE: service.name,
        VERSION: FOLLOWED,
    }


def of_network(project: str, key: str, labels: Mapping[str, str]) -> dict[str, str]:
    return {**labels, NETWORK: key, PROJECT: project, VERSION: FOLLOWED}


def of_volume(project: str, key: str, labels: Mapping[str, str]) -> dict[str, str]:
    return {**labels, VOLUME: key, PROJECT: project, VERSION: FOLLOWED}


def depends_on(dependencies: Mapping[str, Dependency]) -> str:
    """``db:service_healthy:false,…``: name, condition, and whether it restarts along."""
    return ",".join(
        f"{name}:{one.condition}:{str(one.restart).lower()}"
        for name, one in sorted(dependencies.items())
    )


def dependencies(text: str) -> dict[str, Dependency]:
    """The other way round, for projects whose compose file is not here."""
    found = {}
    for part in filter(None, text.split(",")):
        name, _, rest = part.partition(":")
        condition, _, restart = rest.partition(":")
        found[name] = Dependency(
            condition=condition or "service_started",  # type: ignore[arg-type]
            restart=restart == "true",
        )
    return found
