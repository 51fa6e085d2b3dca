"""What is mounted into a container, over which layers of its image."""

from __future__ import annotations

from typing import Any

from dockerlab.client.pages.silence import name_of
from dockerlab.client.places.layers import layers
from dockerlab.formats.filetree import Change, Kind
from dockerlab.formats.mounts import MountMap, mounts_of


def mount_map(api: Any, container: str) -> MountMap:
    """Of a container that runs or does not; its image's layers are read as ``layers`` does."""
    facts = api.inspect_container(container)
    config = facts.get("Config") or {}
    image = api.inspect_image(facts["Image"])
    wanted = (image.get("Config") or {}).get("Volumes") or {}
    stack = layers(api, str(facts["Image"]), str(config.get("Image") or ""))
    changes = (Change(one["Path"], Kind(one["Kind"])) for one in api.diff(facts["Id"]) or ())
    return MountMap(
        name_of(facts),
        stack,
        mounts_of(facts, wanted),
        tuple(changes),
        str(config.get("WorkingDir") or "/"),
        bool((facts.get("HostConfig") or {}).get("ReadonlyRootfs")),
    )
