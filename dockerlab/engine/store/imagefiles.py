"""Images as archives: what ``docker save`` writes and ``docker load`` reads.

Read are Docker's own form (``manifest.json``) and OCI's layout (``index.json``), each plain or
compressed. Written is Docker's own form, which every Docker since 1.10 loads.
"""

from __future__ import annotations

import io
import json
import posixpath
import secrets
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store.blobs import digest
from dockerlab.engine.store.files import full_disk
from dockerlab.engine.store.image import Image
from dockerlab.engine.store.layers import Layer, decompress
from dockerlab.engine.store.packing import pieces
from dockerlab.engine.store.records import Records
from dockerlab.engine.store.tarfiles import Member, reading
from dockerlab.errors import FormatError
from dockerlab.formats import manifest
from dockerlab.formats import reference as names
from dockerlab.formats.manifest import Index, Manifest
from dockerlab.formats.reference import Reference

Progress = Callable[[dict[str, Any]], None]

_CHUNK = 1 << 20
_MOST_MEMBERS = 100_000
_MOST_MANIFESTS = 1000


@dataclass(frozen=True, slots=True)
class _Described:
    """One image as an archive describes it; ``layers`` are members' names."""

    config: bytes
    layers: tuple[str, ...]
    tags: tuple[str, ...]


class Archive:
    """A saved archive, spooled to disk so that its members can be read in any order."""

    def __init__(self, stream: BinaryIO, directory: Path) -> None:
        """Spool ``stream`` into ``directory``. Raises BadParameter and StoreFull."""
        with full_disk():
            self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 (closed by close)
            try:
                for piece in pieces(stream):
                    self._file.write(piece)
                self._file.seek(0)
                with reading():
                    self._plain = self._decompressed(directory)
                    self._tar = tarfile.open(  # noqa: SIM115
                        fileobj=self._plain, mode="r:", tarinfo=Member
                    )
                    self._members = self._list()
            except BaseException:
                self._file.close()
                raise

    def _decompressed(self, directory: Path) -> IO[bytes]:
        plain = decompress(self._file)
        if plain is self._file:
            return self._file
        # Going back in a compressed file means reading it from the start: unpack it once.
        target = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 (it is self._file now)
        while piece := plain.read(_CHUNK):
            target.write(piece)
        self._file.close()
        self._file = target
        target.seek(0)
        return target

    def _list(self) -> dict[str, tarfile.TarInfo]:
        members: dict[str, tarfile.TarInfo] = {}
        while (member := self._tar.next()) is not None:
            # Of what tarfile keeps of each, up to megabytes, little is needed.
            self._tar.members = []  # type: ignore[attr-defined]
            member.pax_headers = {}
            members[_plain(member.name)] = member
            if len(members) > _MOST_MEMBERS:
                raise BadParameter("the archive holds too many files")
        return members

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def has(self, name: str) -> bool:
        return _plain(name) in self._members

    def open(self, name: str) -> IO[bytes]:
        """A member's content; links are followed inside the archive only."""
        name = _plain(name)
        for _ in range(10):
            member = self._members.get(name)
            if member is None or not (member.issym() or member.islnk()):
                break
            base = posixpath.dirname(name) if member.issym() else ""
            name = _plain(posixpath.join(base, member.linkname))
        file = self._tar.extractfile(member) if member is not None and member.isreg() else None
        if file is None:
            raise BadParameter(f"the archive has no file {name}")
        return file

    def read(self, name: str) -> bytes:
        """A small member. Raises BadParameter."""
        data = self.open(name).read(manifest.LARGEST_JSON + 1)
        if len(data) > manifest.LARGEST_JSON:
            raise BadParameter(f"{name} in the archive is larger than 8 MiB")
        return data

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise BadParameter(f"{name} in the archive is not JSON: {error}") from None


def _plain(name: str) -> str:
    return posixpath.normpath(name.lstrip("/"))


def _described(archive: Archive) -> list[_Described]:
    if archive.has("manifest.json"):
        return [_docker_image(archive, row) for row in _rows(archive.json("manifest.json"))]
    if archive.has("index.json"):
        return list(_oci_images(archive, archive.read("index.json"), "", 0))
    raise BadParameter(
        "the archive holds no image: it has no manifest.json",
        "docker load reads what docker save wrote; a plain file tree is for docker import.",
    )


def _rows(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise BadParameter("manifest.json in the archive is not a list of images")
    return data[:_MOST_MANIFESTS]


def _docker_image(archive: Archive, row: dict[str, Any]) -> _Described:
    layers, tags, config = row.get("Layers") or [], row.get("RepoTags") or [], row.get("Config")
    texts = [*layers, *tags, config] if isinstance(layers, list) and isinstance(tags, list) else [0]
    if not all(isinstance(text, str) for text in texts):
        raise BadParameter("manifest.json in the archive is not as it should be")
    return _Described(archive.read(str(config)), tuple(layers), tuple(tags))


def _blob_name(blob: str) -> str:
    return "blobs/" + blob.replace(":", "/")


def _verified(archive: Archive, blob: str) -> bytes:
    data = archive.read(_blob_name(blob))
    if digest(data) != blob:
        raise BadParameter(f"{blob} in the archive has another digest: {digest(data)}")
    return data


def _oci_images(archive: Archive, raw: bytes, name: str, depth: int) -> Iterator[_Described]:
    found = manifest.parse(raw)
    if isinstance(found, Manifest):
        layers = tuple(_blob_name(layer.digest) for layer in found.layers)
        yield _Described(_verified(archive, found.config.digest), layers, (name,) if name else ())
        return
    wanted = found.manifests if depth == 0 else _of_this_machine(archive, found)
    for descriptor in wanted[:_MOST_MANIFESTS]:
        if depth < 3:
            inner = _verified(archive, descriptor.digest)
            yield from _oci_images(archive, inner, descriptor.name or name, depth + 1)


def _of_this_machine(archive: Archive, index: Index) -> Sequence[manifest.Descriptor]:
    here = Index(tuple(d for d in index.manifests if archive.has(_blob_name(d.digest))))
    return [manifest.choose(here, manifest.this_platform())]


def load(records: Records, stream: BinaryIO, progress: Progress) -> list[tuple[Image, list[str]]]:
    """Take the images of an archive in: each with the names it got.

    All layers of an image are there before it is; after an error nothing of it is left. Raises
    BadParameter and StoreFull.
    """
    owner = f"load-{secrets.token_hex(8)}"
    try:
        with Archive(stream, records.blobs.ingest) as archive, reading():
            return [
                _load_one(records, archive, one, owner, progress) for one in _described(archive)
            ]
    except FormatError as error:
        raise BadParameter(error.message, error.hint) from error
    finally:
        records.layers.release(owner)


def _load_one(
    records: Records, archive: Archive, one: _Described, owner: str, progress: Progress
) -> tuple[Image, list[str]]:
    config = manifest.parse_config(one.config)
    references = [names.parse(tag) for tag in one.tags]
    diff_ids = config["rootfs"].get("diff_ids") or []
    if len(diff_ids) != len(one.layers):
        raise BadParameter(
            f"invalid manifest, layers length mismatch: expected {len(diff_ids)}, "
            f"got {len(one.layers)}"
        )
    layers = [
        _load_layer(records, archive, name, diff_id, owner, progress)
        for name, diff_id in zip(one.layers, diff_ids, strict=True)
    ]
    image = records.put(one.config, layers)
    for reference in references:
        records.set_tag(image.id, reference)
    return records.by_id(image.id) or image, [reference.familiar for reference in references]


def _load_layer(
    records: Records, archive: Archive, name: str, diff_id: str, owner: str, progress: Progress
) -> Layer:
    known = records.layers.find(diff_id)
    if known:
        records.layers.retain(owner, [known])
        return known
    total = archive.open(name).seek(0, io.SEEK_END)
    source = _Reported(archive.open(name), total, diff_id[7:19], progress)
    layer = records.layers.add(source, owner, diff_id)  # type: ignore[arg-type]
    progress({"status": "Loading layer", "progressDetail": bar(total, total), "id": diff_id[7:19]})
    return layer


class _Reported:
    """A file that tells how far it was read."""

    def __init__(self, file: IO[bytes], total: int, id: str, progress: Progress) -> None:
        self._file, self._total, self._id, self._progress = file, total, id, progress
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._done += len(data)
        if data:
            detail = bar(self._done, self._total)
            self._progress({"status": "Loading layer", "progressDetail": detail, "id": self._id})
        return data


def bar(current: int, total: int) -> dict[str, int]:
    """Docker's ``progressDetail``."""
    return {"current": current, "total": total}


def save(records: Records, texts: Sequence[str]) -> Iterator[bytes]:
    """An archive of some images, in pieces; the names are checked before the first piece.

    A repository without a tag means all its tags. Raises NotFound.
    """
    chosen: dict[str, tuple[Image, list[Reference]]] = {}
    for text in texts:
        for image, tag in _named(records, text):
            _, tags = chosen.setdefault(image.id, (image, []))
            if tag and tag not in tags:
                tags.append(tag)
    return _saved(records, list(chosen.values()))


def _named(records: Records, text: str) -> Iterable[tuple[Image, Reference | None]]:
    image = records.find(text)
    if (image and records.is_id(image, text)) or "@" in text:
        return [(image or records.get(text), None)]
    reference = names.parse(text)
    tags = [reference] if names.has_tag(text) else records.repository(reference.repository)
    return [(records.get(tag.familiar), tag) for tag in tags or [reference]]


def _saved(records: Records, chosen: list[tuple[Image, list[Reference]]]) -> Iterator[bytes]:
    owner = f"save-{secrets.token_hex(8)}"
    for image, _ in chosen:
        records.layers.retain(owner, image.layers)
    configs = {image.id: records.blobs.read(image.id) for image, _ in chosen}
    try:
        rows: list[dict[str, Any]] = []
        repositories: dict[str, dict[str, str]] = {}
        written: set[str] = set()
        for image, tags in chosen:
            for layer in image.layers:
                if layer.diff_id not in written:
                    written.add(layer.diff_id)
                    yield from _saved_layer(records, layer)
            yield from _small(f"{image.id[7:]}.json", configs[image.id])
            rows.append(_row(image, tags))
            for tag in tags:
                top = image.layers[-1].diff_id[7:] if image.layers else image.id[7:]
                repositories.setdefault(tag.repository, {})[tag.tag] = top
        yield from _small("manifest.json", _compact(rows))
        if repositories:
            yield from _small("repositories", _compact(repositories))
        yield b"\0" * 1024
    finally:
        records.layers.release(owner)


def _row(image: Image, tags: list[Reference]) -> dict[str, Any]:
    return {
        "Config": f"{image.id[7:]}.json",
        "RepoTags": [tag.familiar for tag in tags] or None,
        "Layers": [f"{layer.diff_id[7:]}/layer.tar" for layer in image.layers],
    }


def _compact(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return member.tobuf(tarfile.GNU_FORMAT)


def _small(name: str, data: bytes) -> Iterator[bytes]:
    yield _header(name, len(data)) + data + b"\0" * (-len(data) % 512)


def _saved_layer(records: Records, layer: Layer) -> Iterator[bytes]:
    folder = layer.diff_id[7:]
    yield _header(folder, 0, tarfile.DIRTYPE)
    yield from _small(f"{folder}/VERSION", b"1.0")
    yield _header(f"{folder}/layer.tar", layer.tar_size)
    with records.layers.open(layer) as file:
        yield from pieces(file)
    yield b"\0" * (-layer.tar_size % 512)
