"""Images from a teacher's machine into files that an engine loads.

They are fetched here, rather than pulled by the engine: Docker Engine speaks plain HTTP only to
registries on its own machine or in its settings, and this way every engine is the same.
"""

from __future__ import annotations

import errno
import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

from dockerlab.course.offline.mirror import Mirror
from dockerlab.course.progress import Progress, Step, megabytes
from dockerlab.errors import DockerlabError, FormatError
from dockerlab.formats.manifest import Descriptor, Manifest
from dockerlab.formats.offers import Offer
from dockerlab.formats.reference import parse


def archive(mirror: Mirror, offer: Offer, folder: Path, progress: Progress) -> Path:
    """Fetch an image into a file in ``folder`` that an engine loads.

    What was fetched stays in ``folder``, for images that share it and for another try. Raises
    MirrorUnavailable, and DockerlabError when there is no room.
    """
    _check_names(offer)
    found = mirror.manifest(offer)
    parts = {each.digest: each for each in (found.config, *found.layers)}
    step = Step(
        f"Fetching {offer.image.name} from {mirror.url}",
        0,
        sum(each.size for each in parts.values()),
    )
    try:
        _check_room(folder, step.total)
        for each in parts.values():
            path = folder / _hex(each)
            if not path.exists():
                for here in mirror.blob(offer, each, path):
                    progress(replace(step, done=step.done + here))
            step = replace(step, done=step.done + each.size)
            progress(step)
        return _assembled(offer, found, folder)
    except OSError as error:
        raise DockerlabError(
            f"{offer.image.name} cannot be kept in {folder}: {error.strerror or error}.",
            "Free some space there, or set DOCKERLAB_CACHE to another folder.",
        ) from error


def _check_names(offer: Offer) -> None:
    """An image may bring its own names, and nobody else's."""
    wrong = [tag for tag in offer.image.tags if parse(tag).repository != offer.image.name]
    if wrong or not offer.image.tags:
        raise FormatError(
            f"{offer.image.name} is offered as {', '.join(wrong) or 'nothing'}: it is not taken.",
            "Is that the teacher's address? It is shown where `dockerlab images serve` runs.",
        )


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    # The parts, and once more as one file.
    if not 2 * needed < free:
        raise OSError(errno.ENOSPC, f"{megabytes(2 * needed)} MB are needed, not all are free")


def _hex(part: Descriptor) -> str:
    return part.digest.removeprefix("sha256:")


def _assembled(offer: Offer, found: Manifest, folder: Path) -> Path:
    """The form of ``docker save``, with the layers packed as they came."""
    path = folder / "image.tar"
    layers = [f"{_hex(layer)}/layer.tar" for layer in found.layers]
    config = f"{_hex(found.config)}.json"
    listed = [{"Config": config, "RepoTags": list(offer.image.tags), "Layers": layers}]
    text = json.dumps(listed).encode()
    with tarfile.open(path, "w") as tar:
        tar.add(folder / _hex(found.config), config)
        for name, layer in dict(zip(layers, found.layers, strict=True)).items():
            tar.add(folder / _hex(layer), name)
        header = tarfile.TarInfo("manifest.json")
        header.size = len(text)
        tar.addfile(header, io.BytesIO(text))
    return path
