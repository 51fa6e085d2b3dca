"""The hash that tells whether a container is still what its service says."""

from __future__ import annotations

from typing import Any

from dockerlab.formats.composefile.encoding.project import config_hash
from dockerlab.formats.composefile.encoding.service import SERVICE_KEYS
from dockerlab.formats.composefile.model import Service


def hash_of(service: Service, **changed: Any) -> str:
    """The service's hash with some keys of its canonical form changed.

    Compose takes it when references to other services have become those to their containers:
    ``hash_of(service, network_mode="container:…")``. None takes a key away.
    """
    own = {"platform": service.platform} if service.platform else {}
    data = {**service.canonical, **own, **changed}
    ordered = {key: data[key] for key in SERVICE_KEYS if key in data}
    return config_hash(
        {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in ordered.items()
            if value is not None or key in ("command", "entrypoint")
        }
    )
