"""Removing images, with Docker's rules about when not to.

A *use* is a container made from the image. Conflicts are *hard* (a running container, a child
image: not even ``force`` helps) or *soft* (a stopped container, several names).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dockerlab.engine.errors import BadParameter, Conflict
from dockerlab.engine.store.image import Image, nanoseconds
from dockerlab.engine.store.layers import chain_ids
from dockerlab.engine.store.records import Records
from dockerlab.formats import reference as names
from dockerlab.formats.reference import Reference

InUse = Callable[[str], Sequence[tuple[str, bool]]]
"""image id -> (container id, running) of each container made from it."""

Report = dict[str, str]
"""``{"Untagged": name}`` or ``{"Deleted": id}``."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@dataclass
class Removal:
    """One request to remove images; ``report`` grows as things go."""

    records: Records
    in_use: InUse
    publish: Callable[[Image, str, str], None]
    """(image, action, name): an event."""
    report: list[Report] = field(default_factory=list)
    freed: int = 0
    """Bytes of the files of layers that went."""

    def remove(self, text: str, force: bool, prune: bool) -> list[Report]:
        """Remove what ``text`` names: a name, and the image with its last name; or an image.

        ``prune``: parents without a name of their own go too. Raises NotFound and Conflict.
        """
        with self.records.lock:
            image = self.records.get(text)
            references = self.records.references(image.id)
            if not self.records.is_id(image, text):
                return self._by_name(image, text, references, force, prune)
            if _single(references):
                self._check(image, children=True, running=True, stopped=not force)
                for reference in references:
                    self._untag(image, reference)
            self._delete(image, force, prune, quiet=False)
            return self.report

    def _by_name(
        self,
        image: Image,
        text: str,
        references: list[Reference],
        force: bool,
        prune: bool,
    ) -> list[Report]:
        reference = names.parse(text)
        if not force and _single(references):
            for container, _ in self.in_use(image.id)[:1]:
                # The image would stay behind without a name: that must be asked for.
                raise Conflict(
                    f'conflict: unable to remove repository reference "{text}" '
                    f"(must force) - container {container[:12]} is using its referenced image "
                    f"{image.short}"
                )
        self._untag(image, reference)
        left = self.records.references(image.id)
        if not reference.digest:
            left = self._drop_digests(image, reference, left)
        if not left:
            self._delete(image, force, prune, quiet=True)
        return self.report

    def _drop_digests(
        self, image: Image, reference: Reference, left: list[Reference]
    ) -> list[Reference]:
        """When a repository's last tag goes, the digests it was pulled by go too."""
        same = [r for r in left if r.name == reference.name]
        if any(not r.digest for r in same):
            return left
        for digest in same:
            self._untag(image, digest)
        return [r for r in left if r.name != reference.name]

    def _untag(self, image: Image, reference: Reference) -> None:
        self.records.untag([reference])
        self.report.append({"Untagged": reference.familiar})
        self.publish(image, "untag", image.id)

    def _check(
        self,
        image: Image,
        *,
        running: bool = False,
        stopped: bool = False,
        children: bool = False,
        names: bool = False,
    ) -> None:
        short = image.short
        if children and self.records.children(image.id):
            raise Conflict(
                f"conflict: unable to delete {short} (cannot be forced) - "
                "image has dependent child images"
            )
        uses = self.in_use(image.id)
        for container, runs in uses:
            if running and runs:
                raise Conflict(
                    f"conflict: unable to delete {short} (cannot be forced) - "
                    f"image is being used by running container {container[:12]}"
                )
        if names and self.records.references(image.id):
            raise Conflict(
                f"conflict: unable to delete {short} (must be forced) - "
                "image is referenced in multiple repositories"
            )
        for container, runs in uses:
            if stopped and not runs:
                raise Conflict(
                    f"conflict: unable to delete {short} (must be forced) - "
                    f"image is being used by stopped container {container[:12]}"
                )

    def _delete(self, image: Image, force: bool, prune: bool, quiet: bool) -> None:
        try:
            self._check(image, children=True, running=True, names=not force, stopped=not force)
        except Conflict:
            if quiet and (self.records.references(image.id) or self.in_use(image.id)):
                return
            if quiet and self.records.children(image.id):
                return  # it stays as the parent of others
            raise
        for reference in self.records.references(image.id):
            self._untag(image, reference)
        parent = self.records.by_id(image.parent)
        gone = self._layers_to_go(image)
        self.records.delete(image.id)
        self.publish(image, "delete", image.id)
        self.report += [{"Deleted": image.id}, *({"Deleted": chain} for chain in gone)]
        if prune and parent and not self.records.references(parent.id):
            self._delete(parent, False, True, quiet=True)

    def _layers_to_go(self, image: Image) -> list[str]:
        """Chain ids of the layers that no other image and no container has, topmost first."""
        kept: set[str] = set()
        for other in self.records:
            if other.id != image.id:
                kept.update(chain_ids(layer.diff_id for layer in other.layers))
        if self.in_use(image.id):
            return []
        chains = chain_ids(layer.diff_id for layer in image.layers)
        gone = [
            (chain, layer)
            for chain, layer in zip(chains, image.layers, strict=True)
            if chain not in kept
        ]
        self.freed += sum(layer.size for _, layer in gone if not layer.lent)
        return [chain for chain, _ in reversed(gone)]


def prune(removal: Removal, filters: Mapping[str, Sequence[str]]) -> None:
    """Remove the images that ``docker image prune`` removes; filters dangling, until, label.

    Images in use or with children stay, without an error.
    """
    dangling = flag(filters, "dangling", True)
    for name in filters:
        if name not in ("dangling", "until", "label", "label!"):
            raise BadParameter(f"Invalid filter '{name}'")
    records = removal.records
    with records.lock:
        for image in records.all():
            if records.by_id(image.id) is None or not _prunable(image, filters):
                continue
            references = records.references(image.id)
            if not references and records.children(image.id):
                continue
            if dangling and any(not reference.digest for reference in references):
                continue
            _prune_one(removal, image, references)


def _prune_one(removal: Removal, image: Image, references: list[Reference]) -> None:
    for text in [r.familiar for r in references] or [image.id[7:]]:
        try:
            removal.remove(text, False, True)
        except Conflict:
            continue


def _prunable(image: Image, filters: Mapping[str, Sequence[str]]) -> bool:
    if any(image.created_ns > _until(text) for text in filters.get("until", ())):
        return False
    if not all(has_label(image, wanted) for wanted in filters.get("label", ())):
        return False
    return not any(has_label(image, unwanted) for unwanted in filters.get("label!", ()))


def has_label(image: Image, wanted: str) -> bool:
    """Whether the image has a label ``key`` or ``key=value``."""
    key, equals, value = wanted.partition("=")
    labels = image.labels
    return key in labels and (not equals or labels[key] == value)


def _until(text: str) -> int:
    """Unix time in ns of ``24h``, ``10m30s``, a Unix time or a date."""
    parts = _DURATION.findall(text)
    if parts and _DURATION.sub("", text) == "":
        return time.time_ns() - int(sum(float(n) * _UNITS[unit] for n, unit in parts) * 1e9)
    try:
        return int(float(text) * 1e9)
    except ValueError:
        pass
    found = nanoseconds(text if "T" in text else f"{text}T00:00:00Z")
    if found < 0:
        raise BadParameter(f"failed to parse value as time or duration: {text!r}")
    return found


def flag(filters: Mapping[str, Sequence[str]], name: str, default: bool) -> bool:
    """A yes-or-no filter such as ``dangling``. Raises BadParameter in Docker's words."""
    values = filters.get(name, ())
    for value in values:
        if value.lower() in ("1", "true", "t"):
            return True
        if value.lower() in ("0", "false", "f"):
            return False
        raise BadParameter(f"Invalid filter '{name}=[{value}]'")
    return default


def _single(references: Sequence[Reference]) -> bool:
    """Whether all names are one tag and the digests it was pulled by."""
    tags = [r for r in references if not r.digest]
    repositories = {r.name for r in references if r.digest}
    if len(references) <= 1:
        return True
    if len(tags) > 1:
        return False
    first = tags[0] if tags else references[0]
    return repositories == {first.name}
