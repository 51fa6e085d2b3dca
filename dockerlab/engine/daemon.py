"""Builds the engine's services and starts and stops them together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlab.engine.events import Events

VERSION = "20.10.24"
"""The Docker Engine whose behaviour is followed."""


@dataclass
class Daemon:
    """The services, for the API's handlers."""

    root: Path
    events: Events
    blobs: Any
    layers: Any
    images: Any
    snapshots: Any
    volumes: Any
    networks: Any
    ports: Any
    containers: Any
    runtime: Any
