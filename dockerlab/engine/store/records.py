"""Which images there are, what they are called, and on what they were built.

On disk: an image's config is a blob (its digest is the image's id); ``DIR/images/<hex>.json``
holds what the config does not say; ``DIR/images/repositories.json`` the names, in Docker's form.
In memory: everything, so that listing reads no file.

The library's images (see ``images.py``) are read from its own files of this kind. Once a name
changes here, our ``repositories.json`` says all; ``hidden.json`` lists the library's images that
were removed, and one that was changed has a record of our own.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dockerlab.engine.errors import BadParameter, NotFound
from dockerlab.engine.store.blobs import Blobs, digest
from dockerlab.engine.store.files import write_json
from dockerlab.engine.store.image import Image, timestamp
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.engine.store.mounts import syncfs
from dockerlab.errors import FormatError
from dockerlab.formats import reference as names
from dockerlab.formats.manifest import parse_config
from dockerlab.formats.reference import Reference

_NAMES, _HIDDEN = "repositories.json", "hidden.json"
_RECORD = re.compile(r"[0-9a-f]{64}\.json")


class Records:
    """The images of one engine and their names. Thread-safe."""

    def __init__(
        self, root: Path, blobs: Blobs, layers: Layers, library: Path | None = None
    ) -> None:
        self.directory = root / "images"
        self._library = library and library / "images"
        self.blobs, self.layers = blobs, layers
        self.lock = threading.RLock()
        """Held while something is decided and then done (remove, prune)."""
        self._images: dict[str, Image] = {}
        self._names: dict[str, str] = {}
        self._lent: set[str] = set()
        """The ids of the library's images."""
        self._hidden: set[str] = set()
        """Of those, the ones that were removed here."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._load()

    def _load(self) -> None:
        self._borrow()
        self._take_up()
        for image in self._images.values():
            self.layers.retain(image.id, image.layers)
        self._join_histories()
        saved = _json(self.directory / _NAMES)
        if saved is None and self._library is not None:
            saved = _json(self._library / _NAMES)
        for references in (saved or {}).get("Repositories", {}).values():
            self._names.update((k, v) for k, v in references.items() if v in self._images)
        self._refresh(self._images)

    def _borrow(self) -> None:
        if self._library is None:
            return
        self._hidden = set(_json(self.directory / _HIDDEN) or ())
        for path in self._library.iterdir():
            if _RECORD.fullmatch(path.name) and (image := self._read(path)):
                self._lent.add(image.id)
                if image.id not in self._hidden:
                    self._images[image.id] = image

    def _take_up(self) -> None:
        """What is on disk from before, without what is broken."""
        for path in self.directory.iterdir():
            if path.name.startswith("."):
                path.unlink()
            elif _RECORD.fullmatch(path.name):
                if image := self._read(path):
                    self._images[image.id] = image
                else:
                    path.unlink(missing_ok=True)

    def _join_histories(self) -> None:
        for image in sorted(self._images.values(), key=lambda i: len(_history(i.config))):
            if image.parent in self._images:
                _share(image.config, self._images[image.parent].config)
            else:
                self._images[image.id] = replace(image, parent="")

    def _read(self, path: Path) -> Image | None:
        """An image from its record; None if a part of it is missing."""
        try:
            data = json.loads(path.read_bytes())
            config = parse_config(self.blobs.read(data["id"]))
            layers = tuple(self.layers.get(d) for d in config["rootfs"].get("diff_ids") or ())
            return Image(data["id"], config, layers, data["parent"], (), (), data["tagged_at"])
        except (OSError, ValueError, KeyError, TypeError, NotFound, FormatError):
            return None

    def sweep(self) -> None:
        """At start: remove blobs that belong to nothing."""
        with self.lock:
            used = set(self._images) | {layer.blob for layer in self.layers.all()}
            for blob in self.blobs.digests():
                if blob not in used:
                    self.blobs.remove(blob)

    # -- finding

    def all(self) -> list[Image]:
        """Every image, intermediate ones too, newest first."""
        with self.lock:
            return sorted(self._images.values(), key=lambda i: (i.created_ns, i.id), reverse=True)

    def by_id(self, id: str) -> Image | None:
        with self.lock:
            return self._images.get(id)

    def find(self, text: str) -> Image | None:
        """The image of a name, id or start of an id; None if there is none. FormatError."""
        try:
            reference = names.parse(text)
        except FormatError:
            if not names.id_prefix(text):
                raise
            return self._by_prefix(text)
        with self.lock:
            id = self._names.get(_key(reference))
        return self._images.get(id) if id else self._by_prefix(text)

    def get(self, text: str) -> Image:
        """Like find, but raises NotFound in Docker's words."""
        image = self.find(text)
        if image is None:
            raise NotFound(f"No such image: {_shown(text)}")
        return image

    def _by_prefix(self, text: str) -> Image | None:
        prefix = names.id_prefix(text)
        if not prefix:
            return None
        with self.lock:
            found = [i for id, i in self._images.items() if id[7:].startswith(prefix)]
        return found[0] if len(found) == 1 else None

    def is_id(self, image: Image, text: str) -> bool:
        """Whether ``text`` means the image by its id rather than by a name."""
        return image.id.startswith(text) or image.id[7:].startswith(text)

    def children(self, id: str) -> list[Image]:
        """The images that were built on this one."""
        with self.lock:
            return [image for image in self._images.values() if image.parent == id]

    def references(self, id: str) -> list[Reference]:
        """The names of an image, sorted."""
        with self.lock:
            return [names.parse(name) for name, of in sorted(self._names.items()) if of == id]

    def repository(self, name: str) -> list[Reference]:
        """All tags of a repository such as ``alpine``."""
        with self.lock:
            every = [names.parse(text) for text in sorted(self._names)]
        return [r for r in every if r.repository == name and not r.digest]

    def target(self, reference: Reference) -> str:
        """The id that a name stands for, or empty."""
        with self.lock:
            return self._names.get(_key(reference), "")

    # -- changing

    def put(self, raw: bytes, layers: Sequence[Layer], parent: str = "") -> Image:
        """Record an image by its config, as bytes; the same again changes nothing."""
        config = parse_config(raw)
        if [layer.diff_id for layer in layers] != (config["rootfs"].get("diff_ids") or []):
            raise BadParameter("the image's config and its layers do not match")
        # Everything the record speaks of is on the disk before the record is.
        syncfs(self.directory)
        with self.lock:
            if known := self._images.get(digest(raw)):
                return known
            id = self.blobs.add(raw)
            image = Image(id, config, tuple(layers), parent if parent in self._images else "")
            if image.parent:
                _share(config, self._images[image.parent].config)
            self.layers.retain(id, image.layers)
            self._write(image)
            self._images[id] = image
            return image

    def set_parent(self, id: str, parent: str) -> None:
        """Note on which image an image was built."""
        with self.lock:
            if id in self._images and parent in self._images:
                self._images[id] = replace(self._images[id], parent=parent)
                self._write(self._images[id])

    def set_tag(self, id: str, reference: Reference) -> str:
        """Give a name to an image; returns the id that had the name before, or empty.

        Raises NotFound for an image that was removed meanwhile.
        """
        with self.lock:
            if id not in self._images:
                raise NotFound(f"No such image: {id}")
            before = self._names.get(_key(reference), "")
            if before != id:
                self._names[_key(reference)] = id
                self._write_names()
            image = replace(self._images[id], tagged_at=timestamp())
            self._images[id] = image
            self._write(image)
            self._refresh({before, id} & self._images.keys())
            return before

    def untag(self, references: Iterable[Reference]) -> None:
        """Forget some names."""
        with self.lock:
            ids = {self._names.pop(_key(reference), "") for reference in references}
            self._write_names()
            self._refresh(ids & self._images.keys())

    def delete(self, id: str) -> None:
        """Forget an image and its names; its layers go when nobody else needs them."""
        with self.lock:
            (self.directory / f"{id[7:]}.json").unlink(missing_ok=True)
            del self._images[id]
            if id in self._names.values():
                self._names = {name: of for name, of in self._names.items() if of != id}
                self._write_names()
            if id in self._lent:
                self._hide(id)
            for child in self.children(id):
                self._images[child.id] = replace(child, parent="")
            self.blobs.remove(id)
            self.layers.release(id)

    def _hide(self, id: str) -> None:
        self._hidden.add(id)
        write_json(self.directory / _HIDDEN, sorted(self._hidden))

    def _write(self, image: Image) -> None:
        data = {"id": image.id, "parent": image.parent, "tagged_at": image.tagged_at}
        write_json(self.directory / f"{image.id[7:]}.json", data)

    def _write_names(self) -> None:
        repositories: dict[str, dict[str, str]] = {}
        for name, id in sorted(self._names.items()):
            repositories.setdefault(names.parse(name).repository, {})[name] = id
        write_json(self.directory / _NAMES, {"Repositories": repositories})

    def _refresh(self, ids: Iterable[str]) -> None:
        """Tell images their names."""
        mine: dict[str, list[str]] = {id: [] for id in ids}
        for name, id in sorted(self._names.items()):
            if id in mine:
                mine[id].append(name)
        for id, all_names in mine.items():
            digests = tuple(name for name in all_names if "@" in name)
            tags = tuple(name for name in all_names if "@" not in name)
            self._images[id] = replace(self._images[id], tags=tags, digests=digests)

    def __iter__(self) -> Iterator[Image]:
        return iter(self.all())


def _json(path: Path) -> Any:
    """What a file holds; None if it is not there or broken."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _key(reference: Reference) -> str:
    # "name:tag@digest" is found by its digest alone.
    if reference.digest and reference.tag:
        reference = replace(reference, tag="")
    return reference.familiar


def _shown(text: str) -> str:
    try:
        return names.parse(text).familiar
    except FormatError:
        return text


def _history(config: Mapping[str, Any]) -> list[Any]:
    return config.get("history") or []


def _share(config: Mapping[str, Any], parent: Mapping[str, Any]) -> None:
    """Have the history that an image has of its parent in memory once: a build of a thousand
    steps makes a thousand images, which had half a million entries together.
    """
    history = _history(config)
    for number, (own, before) in enumerate(zip(history, _history(parent), strict=False)):
        if own != before:
            return
        history[number] = before
