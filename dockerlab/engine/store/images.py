"""The images service: all that the engine does with images, over records, layers and blobs.

There may be a *library*: the folder of another engine, whose images are here as well. They are
read where they are, so that a fresh engine has them at once, and nothing is ever written there:
removing one only hides it here.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store import imagefiles, removal
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.image import NEVER, Image, nanoseconds, runtime_section, timestamp
from dockerlab.engine.store.imagefiles import Progress
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.packing import Chunks
from dockerlab.engine.store.records import Records
from dockerlab.engine.store.removal import InUse, Removal, Report
from dockerlab.engine.store.uppers import Take
from dockerlab.formats import changes as formats_changes
from dockerlab.formats import manifest
from dockerlab.formats import reference as names
from dockerlab.formats.reference import Reference

Filters = Mapping[str, Sequence[str]]

EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
"""Diff id of an archive without a file: no image has such a layer, as in Docker."""


class Publisher(Protocol):
    """Where events go."""

    def publish(
        self, type: str, action: str, id: str, attributes: Mapping[str, str] | None = None
    ) -> None: ...


def _unused(_: str) -> Sequence[tuple[str, bool]]:
    return ()


def _silent(_: dict[str, Any]) -> None:
    return None


class Images:
    """The images of one engine.

    Everything is plain blocking code and thread-safe: what may take long (load, commit, remove)
    is meant to be called in a thread.
    """

    def __init__(
        self,
        root: Path,
        blobs: Blobs,
        layers: Layers,
        events: Publisher,
        library: Path | None = None,
    ) -> None:
        """``blobs`` and ``layers`` are to be of the same library."""
        self._records = Records(root, blobs, layers, library)
        self._layers = layers
        self._events = events
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def sweep(self) -> None:
        """At start, when containers have retained their layers too: drop what nobody has."""
        self._layers.sweep()
        self._records.sweep()

    # -- finding

    def get(self, ref: str) -> Image:
        """The image of a name, an id or the start of one. Raises NotFound and FormatError."""
        return self._records.get(ref)

    def find(self, ref: str) -> Image | None:
        """Like get, but None where there is none."""
        return self._records.find(ref)

    def by_id(self, id: str) -> Image | None:
        """The image of a whole id, at once."""
        return self._records.by_id(id)

    def all(self) -> list[Image]:
        """Every image, intermediate ones too, newest first."""
        return self._records.all()

    def children(self, image: Image) -> list[Image]:
        """The images that were built on this one."""
        return self._records.children(image.id)

    def listing(
        self, filters: Filters | None = None, *, everything: bool = False
    ) -> list[tuple[Image, tuple[str, ...]]]:
        """The images that ``docker images`` shows, newest first, with the names to show.

        Filters: dangling, label, before, since, reference. Raises BadParameter.
        """
        filters = filters or {}
        for name in filters:
            if name not in ("dangling", "label", "before", "since", "reference"):
                raise BadParameter(f"Invalid filter '{name}'")
        dangling = removal.flag(filters, "dangling", False)
        times = [
            [self.get(ref).created_ns for ref in filters.get(name, ())]
            for name in ("before", "since")
        ]
        parents = {image.parent for image in self.all()}
        shown = []
        for image in self.all():
            if any(image.created_ns >= t for t in times[0]):
                continue
            if any(image.created_ns <= t for t in times[1]):
                continue
            if not all(removal.has_label(image, label) for label in filters.get("label", ())):
                continue
            refs = tuple(r for r in image.references if _matches(r, filters.get("reference")))
            if "reference" in filters and not refs:
                continue
            if not refs and image.id in parents and not everything:
                continue
            tagged = any("@" not in ref for ref in refs)
            if "dangling" in filters and (tagged if dangling else not refs):
                continue
            shown.append((image, refs))
        return shown

    def history(self, ref: str) -> list[dict[str, Any]]:
        """Rows as ``docker history`` shows them, newest first."""
        image = self.get(ref)
        sizes = iter(layer.size for layer in image.layers)
        rows: list[dict[str, Any]] = []
        for entry in image.config.get("history") or ():
            empty = bool(entry.get("empty_layer"))
            rows.append(
                {
                    "Id": "<missing>",
                    "Created": nanoseconds(str(entry.get("created") or NEVER)) // 10**9,
                    "CreatedBy": str(entry.get("created_by") or ""),
                    "Tags": None,
                    "Size": 0 if empty else next(sizes, 0),
                    "Comment": str(entry.get("comment") or ""),
                }
            )
        rows.reverse()
        ancestor: Image | None = image
        for row in rows:
            if ancestor is None:
                break
            row |= {"Id": ancestor.id, "Tags": list(ancestor.tags) or None}
            ancestor = self._records.by_id(ancestor.parent)
        return rows

    # -- making

    def create(self, config: dict[str, Any], layers: Sequence[Layer], parent: str = "") -> Image:
        """Record an image from its config; ``rootfs`` is filled in from the layers."""
        diff_ids = [layer.diff_id for layer in layers]
        config = {**config, "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        raw = json.dumps(config, separators=(",", ":"), ensure_ascii=False).encode()
        return self._records.put(raw, layers, parent)

    def add(self, raw: bytes, layers: Sequence[Layer]) -> Image:
        """Record an image by its config exactly as it came (a pull)."""
        return self._records.put(raw, layers)

    def commit(
        self,
        base: Image | None,
        diff: Iterable[bytes] | None,
        config: dict[str, Any],
        *,
        author: str = "",
        comment: str = "",
        parent: str = "",
        container: str = "",
        created_by: str = "",
        container_config: dict[str, Any] | None = None,
        take: Take | None = None,
    ) -> Image:
        """A new image: ``base`` and one layer on top, ``diff`` being its archive in pieces.

        ``take`` moves the tree that the diff is made of, which may be had.

        ``config`` is the new image's ``config`` section. Without a diff, or with an empty one,
        there is no new layer.
        """
        owner = f"commit-{secrets.token_hex(8)}"
        try:
            above = self._layer(diff, owner, take)
            below = base.layers if base else ()
            described = _config(base, config, author, comment, created_by)
            if not above:
                described["history"][-1]["empty_layer"] = True
            if container:
                described["container"] = container
            described["container_config"] = runtime_section(container_config)
            return self.create(described, [*below, *above], parent)
        finally:
            self._layers.release(owner)

    def _layer(self, diff: Iterable[bytes] | None, owner: str, take: Take | None) -> list[Layer]:
        if diff is None:
            return []
        layer = self._layers.add(cast("IO[bytes]", Chunks(diff)), owner, take=take)
        return [] if layer.diff_id == EMPTY_LAYER else [layer]

    def set_parent(self, image: Image, parent: str) -> None:
        """Note on which image another one was built, when that is found out later."""
        self._records.set_parent(image.id, parent)

    def import_tree(
        self,
        stream: BinaryIO,
        *,
        reference: Reference | None = None,
        changes: Sequence[str] = (),
        message: str = "",
        platform: str = "",
    ) -> Image:
        """An image of one layer from a plain file tree, as ``docker import`` makes it.

        Raises FormatError (a bad change), BadParameter (a bad archive), StoreFull.
        """
        section = formats_changes.apply(runtime_section({}), changes)
        owner = f"import-{secrets.token_hex(8)}"
        try:
            layer = self._layers.add(stream, owner)
            config = _config(None, section, "", message, "")
            config["container_config"] = runtime_section({})
            if platform:
                wanted = manifest.parse_platform(platform)
                config |= {"os": wanted.os, "architecture": wanted.architecture}
            image = self.create(config, [layer])
        finally:
            self._layers.release(owner)
        if reference:
            self._records.set_tag(image.id, reference)
        self._publish(image, "import", image.id)
        return self.get(image.id)

    def load(self, stream: BinaryIO, progress: Progress = _silent) -> list[tuple[Image, list[str]]]:
        """Take the images of a saved archive in: (image, names it got) each."""
        loaded = imagefiles.load(self._records, stream, progress)
        for image, _ in loaded:
            self._publish(image, "load", image.id)
        return loaded

    def save(self, refs: Sequence[str]) -> Iterator[bytes]:
        """An archive of some images, in pieces. Raises NotFound before the first piece."""
        archive = imagefiles.save(self._records, refs)
        for ref in refs:
            if image := self.find(ref):
                self._publish(image, "save", image.id)
        return archive

    # -- naming and removing

    def tag(self, image: Image, ref: str | Reference) -> Image:
        """Give an image a name; the image that had it before stays without."""
        reference = names.parse_repository(ref) if isinstance(ref, str) else ref
        self._records.set_tag(image.id, reference)
        self._publish(image, "tag", reference.familiar)
        return self.get(image.id)

    def pulled(self, image: Image, reference: Reference, digest: str) -> bool:
        """Name a pulled image (tag and digest); False if it had those names already."""
        new = self._records.target(reference) != image.id
        self._records.set_tag(image.id, reference)
        if not reference.digest:
            self._records.set_tag(image.id, reference.with_digest(digest))
        self._events_publish("pull", reference.familiar, image, reference.repository)
        return new

    def remove(
        self, ref: str, force: bool = False, noprune: bool = False, in_use: InUse = _unused
    ) -> list[Report]:
        """Remove a name or an image, with Docker's refusals (Conflict, NotFound).

        Answers ``[{"Untagged": …}, {"Deleted": …}]``.
        """
        return self._removal(in_use).remove(ref, force, not noprune)

    def prune(
        self, filters: Filters | None = None, in_use: InUse = _unused
    ) -> tuple[list[Report], int]:
        """Remove images that nobody needs: what went, and the bytes freed."""
        work = self._removal(in_use)
        removal.prune(work, filters or {})
        self._events_publish("prune", "", None, "", {"reclaimed": str(work.freed)})
        return work.report, work.freed

    def _removal(self, in_use: InUse) -> Removal:
        return Removal(self._records, in_use, self._publish)

    # -- events

    def _publish(self, image: Image, action: str, name: str) -> None:
        self._events_publish(action, image.id, image, name)

    def _events_publish(
        self,
        action: str,
        id: str,
        image: Image | None,
        name: str,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        known = {**(image.labels if image else {}), **({"name": name} if name else {})}
        known.update(attributes or {})
        # Listeners live in the event loop; this may be a thread beside it.
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._events.publish, "image", action, id, known)
        else:
            self._events.publish("image", action, id, known)


def _config(
    base: Image | None, section: dict[str, Any], author: str, comment: str, created_by: str
) -> dict[str, Any]:
    """The whole config of a new image on top of ``base``."""
    here = manifest.this_platform()
    now = timestamp()
    history = {"created": now, "author": author, "created_by": created_by, "comment": comment}
    config: dict[str, Any] = {
        "architecture": (base.architecture if base else "") or here.architecture,
        "os": base.os if base else here.os,
        "config": section,
        "created": now,
        "docker_version": "20.10.24",
        "history": [
            *((base.config.get("history") or ()) if base else ()),
            {key: value for key, value in history.items() if value},
        ],
    }
    if author:
        config["author"] = author
    if comment:
        config["comment"] = comment
    return config


def _matches(name: str, patterns: Sequence[str] | None) -> bool:
    """Whether a name matches a ``reference=`` filter: by name, or with ``*`` and ``?``."""
    if not patterns:
        return True
    reference = names.parse(name)
    forms = {reference.familiar, reference.repository, reference.canonical, reference.name}
    return any(_glob(form, pattern) for form in forms for pattern in patterns)


def _glob(form: str, pattern: str) -> bool:
    # As in Go's path.Match, "*" stays inside one part of the path.
    parts, wanted = form.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
