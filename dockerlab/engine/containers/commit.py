"""Making an image of a container (``docker commit``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks.listing import command_line
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import ServerError
from dockerlab.engine.store.image import Image
from dockerlab.engine.store.layers import Layer
from dockerlab.formats import changes as instructions
from dockerlab.formats import reference as references


@dataclass(frozen=True, slots=True)
class Wish:
    """What the new image shall be; ``changes`` are Dockerfile instructions such as CMD."""

    repository: str = ""
    tag: str = ""
    comment: str = ""
    author: str = ""
    changes: tuple[str, ...] = ()
    pause: bool = True
    config: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the container's Config to replace."""


def commit(
    services: Services, container: Container, layers: Sequence[Layer], wish: Wish
) -> tuple[Image, dict[str, str]]:
    """The image, and what the event says of it. Blocking: it packs all that was changed.

    Raises FormatError (bad name, bad change), StoreFull.
    """
    name = f"{wish.repository}:{wish.tag}" if wish.tag else wish.repository
    reference = references.parse_repository(name) if wish.repository else None
    section = instructions.apply({**container.config, **wish.config}, wish.changes)
    base = services.images.find(container.image_id)
    if base is None:
        raise ServerError(f"the image of {container.name} is not there any more")
    pid = container.process.pid if container.process is not None else None
    image = services.images.commit(
        base,
        services.snapshots.diff(container.id, layers, pid),
        section,
        author=wish.author,
        comment=wish.comment,
        parent=base.id,
        container=container.id,
        created_by=command_line(container.command),
        container_config=container.config,
    )
    shown = {"imageID": image.id, "comment": wish.comment}
    if reference is not None:
        services.images.tag(image, reference)
        shown["imageRef"] = reference.canonical
    return image, shown
