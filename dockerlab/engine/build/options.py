"""What a build was asked for, besides its context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.engine.registry.access import Login
from dockerlab.formats.reference import Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The query of ``POST /build``, understood."""

    dockerfile: str = "Dockerfile"
    """Its path in the context."""
    tags: tuple[Reference, ...] = ()
    target: str = ""
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    cache: bool = True
    cache_from: tuple[str, ...] | None = None
    """Images whose history may be used; None: whatever was built here."""
    pull: bool = False
    """Ask the registry for newer base images."""
    quiet: bool = False
    traced: bool = False
    """Add dockerlab's own records of each step to the stream."""
    remove: bool = True
    """Remove the containers of steps that went well."""
    force_remove: bool = False
    """Also the container of a step that failed."""
    platform: str = ""
    host: Mapping[str, Any] = field(default_factory=dict)
    """HostConfig of the steps' containers: limits, extra hosts, shm size …"""
    logins: Mapping[str, Login] = field(default_factory=dict)
    """By registry."""
    secrets: Mapping[str, bytes] = field(default_factory=dict)
    """For ``RUN --mount=type=secret``, by id."""
