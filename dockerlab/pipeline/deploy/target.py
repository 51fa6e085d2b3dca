"""Where a deployment goes, and with which keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dockerlab.errors import DockerlabError


class DeployFailed(DockerlabError):
    """A deployment that AWS refused, or that did not come up. ``message`` is AWS's own words."""


@dataclass(frozen=True, slots=True)
class Target:
    """``package`` is the zip; None deploys a version that is there. ``endpoint``: of a cloud that
    is not AWS itself, else empty."""

    region: str
    application: str
    environment: str
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    bucket: str = ""
    path: str = ""
    label: str = ""
    description: str = ""
    endpoint: str = ""
    package: Path | None = None
    existing: bool = False
    wait: bool = True
    only_version: bool = False

    @property
    def key(self) -> str:
        """The zip's name in its bucket."""
        folder = (self.path or self.application).strip("/")
        return f"{folder}/{self.label}.zip"
