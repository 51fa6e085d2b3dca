"""What all jobs of a run share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.client.ci.folder import Folder
from dockerlab.formats.pipeline.plan import Plan
from dockerlab.formats.pipeline.settings import Settings
from dockerlab.pipeline.journal import Journal
from dockerlab.pipeline.repository import Commit, Repository

ENDPOINT = "AWS_ENDPOINT_URL"
"""The setting that names a cloud other than AWS; SDKs and the aws command know it, too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that a step and a job may take."""

    step: float
    job: float


@dataclass(frozen=True, slots=True)
class Context:
    """``name`` is the repository's, ``engine`` the address that docker is to use."""

    folder: Folder
    name: str
    number: int
    plan: Plan
    commit: Commit
    event: str
    settings: Settings
    engine: str
    limits: Limits
    journal: Journal

    @property
    def repository(self) -> Repository:
        return Repository(self.folder.repository)

    @property
    def endpoint(self) -> Mapping[str, str]:
        """Told to every job: it is no secret, and aws in a script needs it as well."""
        value = self.settings.all.get(ENDPOINT, "")
        return {ENDPOINT: value} if value else {}

    def docker(self) -> Any:
        """docker-py on the engine; it takes a while to import, and most runs need none."""
        import docker

        return docker.DockerClient(base_url=self.engine, version="auto", timeout=60)
