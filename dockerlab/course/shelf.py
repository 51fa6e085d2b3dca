"""What a registry keeps: blobs by digest and manifests by name, made from ``docker save``.

With a mark, each layer goes out as a copy that no engine can have yet: a comment that tar allows in
front of an archive changes its digest and not one of its files. So a pull really fetches and
unpacks, even where the engine has the original. Without one, images go out as they are.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dockerlab.errors import FormatError
from dockerlab.formats import manifest
from dockerlab.formats.reference import parse

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Blob:
    """Content on disk. ``diff_id`` is the digest of a layer before it was compressed."""

    path: Path
    size: int
    digest: str
    diff_id: str = ""

    def described(self, media_type: str) -> dict[str, Any]:
        return {"mediaType": media_type, "size": self.size, "digest": self.digest}


@dataclass
class Shelf:
    """The content of a registry, in ``folder``.

    ``mark`` is what the copies' comments say; with an empty one they have the originals' ids.
    """

    folder: Path
    mark: str
    blobs: dict[str, Blob] = field(default_factory=dict)
    manifests: dict[tuple[str, str], Blob] = field(default_factory=dict)
    """(repository, tag or digest) → manifest, e.g. ("hello-world", "latest")."""
    _layers: dict[str, Blob] = field(default_factory=dict)

    def add(self, archive: Path) -> None:
        """Take in all images of an archive that ``docker save`` wrote. Raises FormatError."""
        with tarfile.open(archive, "r:") as tar:
            listed = json.loads(_read(tar, "manifest.json"))
            for image in listed:
                raw = self._image(tar, image)
                for tag in image.get("RepoTags") or ():
                    reference = parse(tag)
                    repository = reference.repository
                    self.manifests[repository, reference.tag] = raw
                    self.manifests[repository, raw.digest] = raw

    def _image(self, tar: tarfile.TarFile, listed: dict[str, Any]) -> Blob:
        layers = [self._layer(tar, name) for name in listed["Layers"]]
        written = self._keep(self._config(_read(tar, listed["Config"]), layers))
        self.blobs[written.digest] = written
        text = {
            "schemaVersion": 2,
            "mediaType": manifest.DOCKER_MANIFEST,
            "config": written.described(manifest.DOCKER_CONFIG),
            "layers": [layer.described(manifest.DOCKER_LAYER) for layer in layers],
        }
        return self._keep(json.dumps(text).encode())

    def _config(self, raw: bytes, layers: list[Blob]) -> bytes:
        if not self.mark:
            return raw
        config = json.loads(raw)
        config["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}
        return json.dumps(config).encode()

    def _keep(self, data: bytes) -> Blob:
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / digest
        path.write_bytes(data)
        return Blob(path, len(data), f"sha256:{digest}")

    def _layer(self, tar: tarfile.TarFile, name: str) -> Blob:
        """The copy of a layer, compressed; layers that images share are made once."""
        if name not in self._layers:
            with _plain(tar, name) as source:
                made = self._copy(source)
            self._layers[name] = self.blobs[made.digest] = made
        return self._layers[name]

    def _copy(self, source: IO[bytes] | gzip.GzipFile) -> Blob:
        path = self.folder / "arriving"
        with path.open("wb") as file:
            outer = _Hashing(file)
            with gzip.GzipFile(fileobj=outer, mode="wb", compresslevel=1, mtime=0) as packed:
                inner = _Hashing(packed)
                if self.mark:
                    comment = {"comment": self.mark}
                    inner.write(tarfile.TarInfo.create_pax_global_header(comment))
                shutil.copyfileobj(source, inner, 1 << 20)
        kept = path.rename(self.folder / outer.hex)
        return Blob(kept, outer.size, f"sha256:{outer.hex}", f"sha256:{inner.hex}")


class _Hashing:
    """Writes on and counts, as a file that gzip accepts."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        self._file.write(data)
        return len(data)

    def flush(self) -> None:
        self._file.flush()


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = tar.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise FormatError(f"the archive of images has no {name}")
    return file


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    with _member(tar, name) as file:
        return file.read(manifest.LARGEST_JSON)


@contextmanager
def _plain(tar: tarfile.TarFile, name: str) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """A layer as a bare tar: engines that keep layers compressed save them so too."""
    with _member(tar, name) as file:
        first = file.read(4)
        file.seek(0)
        if first == _ZSTD:
            raise FormatError("the layers of this image are packed with zstd, which is not known")
        if first[:2] == _GZIP:
            with gzip.open(file) as unpacked:
                yield unpacked
        else:
            yield file
