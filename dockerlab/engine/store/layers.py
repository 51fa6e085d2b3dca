"""Layers: each once, unpacked, whichever images use it.

``DIR/layers/<hex of diff id>/diff`` is the layer's own tree, ``layer.json`` beside it what is
known of it. Whiteouts are kept twice: in ``layer.json``, for the runtime that copies, and, where
the machine allows, on disk as overlayfs wants them (a character device 0:0; the attribute
``user.overlay.opaque``), for the one that mounts.

A layer lives as long as an *owner* (an image, a container, a load in progress) retains it. Those
of the library (another engine's folder, see ``images.py``) are not ours to remove.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import secrets
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from dockerlab.engine.errors import BadParameter, NotFound, NotImplementedHere, ServerError
from dockerlab.engine.store.blobs import Blobs, Writer
from dockerlab.engine.store.confined import Confined
from dockerlab.engine.store.files import full_disk, remove_tree, write_json
from dockerlab.engine.store.tarfiles import Limits, Unpacked, Unpacker, reading
from dockerlab.engine.store.uppers import Take
from dockerlab.engine.store.whiteouts import Hidden, mark
from dockerlab.formats.reference import check_digest

_CHUNK = 1 << 20
_HEX = re.compile("[0-9a-f]{64}")
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. ``size``: bytes of its files; ``tar_size``: of its plain archive."""

    diff_id: str
    blob: str
    """Digest of the archive as received (perhaps compressed)."""
    size: int
    tar_size: int
    directory: str
    """Its own unpacked tree."""
    lent: bool = False
    """It is in the library: to be read, never to be changed or removed."""


def chain_ids(diff_ids: Iterable[str]) -> list[str]:
    """The id of each stack of layers from the bottom up, as OCI defines it."""
    chains: list[str] = []
    for diff_id in diff_ids:
        text = f"{chains[-1]} {diff_id}" if chains else ""
        chains.append("sha256:" + hashlib.sha256(text.encode()).hexdigest() if text else diff_id)
    return chains


def decompress(stream: IO[bytes]) -> IO[bytes]:
    """The plain content of a seekable file, whichever way it is compressed."""
    start = stream.read(6)
    stream.seek(0)
    if start[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream, mode="rb"))
    if start[:3] == b"BZh":
        return bz2.BZ2File(stream)
    if start == b"\xfd7zXZ\0":
        return io.BufferedReader(_XZ(stream), _XZ.PIECE)
    if start[:4] == _ZSTD:
        raise NotImplementedHere("zstd-compressed layers are not supported; use gzip instead")
    return stream


class TooDemanding(BadParameter):
    """What is compressed can be unpacked only with more memory than an archive may take."""


class _XZ(io.RawIOBase):
    """Plain content of an xz file. Its header may ask for 4 GiB, and LZMAFile would give it."""

    PIECE = 1 << 16
    _MEMORY = 128 << 20
    """``xz -9`` needs 65 MiB."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._part = self._begun()

    def _begun(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=self._MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _some(self, most: int) -> bytes:
        """At least a byte, unless it has ended."""
        while True:
            more = b""
            if self._part.eof:
                more = self._part.unused_data or self._stream.read(self.PIECE)
                if not more:
                    return b""
                self._part = self._begun()
                more = more.lstrip(b"\0")  # padding between the parts
            elif self._part.needs_input:
                more = self._stream.read(self.PIECE)
                if not more:
                    raise EOFError("compressed data ended before its end was marked")
            try:
                data = self._part.decompress(more, most)
            except lzma.LZMAError as error:
                if str(error) != "Memory usage limit exceeded":  # lzma has no class for it
                    raise
                raise TooDemanding(
                    f"the xz archive asks for more than {self._MEMORY >> 20} MiB of memory",
                    "Pack it with xz -9 or less.",
                ) from error
            if data:
                return data


class _Hashing:
    """Reads a stream, keeps its digest and length, and says broken compression plainly."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return "sha256:" + self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        with reading():
            data = self._stream.read(size)
        self._hash.update(data)
        self.size += len(data)
        if self.size > self._limit:
            raise BadParameter(f"the archive holds more than {self._limit} bytes")
        return data


class Layers:
    """All layers of one engine. Thread-safe."""

    def __init__(
        self,
        root: Path,
        blobs: Blobs,
        limits: Limits | None = None,
        library: Path | None = None,
    ) -> None:
        self._directory = root / "layers"
        self._blobs = blobs
        self._limits = limits or Limits()
        self._lock = threading.RLock()
        self._known: dict[str, Layer] = {}
        self._mountable: set[str] = set()
        self._owners: dict[str, set[str]] = {}
        self._arriving: Counter[str] = Counter()
        self._directory.mkdir(parents=True, exist_ok=True)
        if library is not None:
            self._borrow(library / "layers")
        self._take_up()

    def _borrow(self, directory: Path) -> None:
        for path in directory.iterdir():
            if _HEX.fullmatch(path.name) and (layer := _read(path)):
                self._known[layer.diff_id] = replace(layer, lent=True)

    def _take_up(self) -> None:
        """What is on disk from before, without what is broken."""
        for path in self._directory.iterdir():
            if path.name.startswith("."):  # half unpacked, or half removed, when the engine died
                remove_tree(path)
            elif _HEX.fullmatch(path.name):
                if layer := _read(path):
                    self._known[layer.diff_id] = layer
                else:
                    remove_tree(path)

    def find(self, diff_id: str) -> Layer | None:
        """A layer, or None."""
        with self._lock:
            return self._known.get(diff_id)

    def get(self, diff_id: str) -> Layer:
        """A layer. Raises NotFound."""
        layer = self.find(diff_id)
        if layer is None:
            raise NotFound(f"layer {diff_id} is not in the store")
        return layer

    def hidden(self, layer: Layer) -> Hidden:
        """What the layer takes away of those below."""
        data = _record(layer)
        return Hidden(tuple(data["whiteouts"]), tuple(data["opaques"]))

    def _path(self, diff_id: str) -> Path:
        return self._directory / check_digest(diff_id)[7:]

    def add(
        self, stream: IO[bytes], owner: str = "", expected: str = "", take: Take | None = None
    ) -> Layer:
        """Keep a layer's archive (plain or compressed) and unpack it.

        ``expected`` is the diff id it must have. ``take`` moves the tree that a plain archive was
        made of, which spares its unpacking. Raises BadParameter and StoreFull.
        """
        with contextlib.ExitStack() as stack:
            with self._blobs.writer() as writer:
                while piece := stream.read(_CHUNK):
                    writer.write(piece)
                stack.enter_context(self._coming(writer.digest))
            if take is not None and (layer := self._taken(writer, take, owner)):
                return layer
            return self.add_blob(writer.digest, owner, expected)

    def _taken(self, writer: Writer, take: Take, owner: str) -> Layer | None:
        """The layer of a plain archive whose tree can be had; None if it cannot."""
        if known := self._find_blob(writer.digest, owner):
            return known
        with self._new() as temporary:
            found = take(temporary / "diff")
            if found is None:
                return None
            id = writer.digest
            layer = Layer(id, id, found.size, writer.size, str(self._path(id) / "diff"))
            write_json(temporary / "layer.json", _as_record(layer, found, True))
            return self._place(temporary, layer, owner)

    @contextlib.contextmanager
    def _new(self) -> Iterator[Path]:
        """A folder for a layer that is being made; what is still there at the end goes."""
        with full_disk():
            temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=self._directory))
        try:
            yield temporary
        finally:
            remove_tree(temporary)

    def add_blob(self, blob: str, owner: str = "", expected: str = "") -> Layer:
        """Unpack a blob as a layer; the blob is gone again when it is none."""
        with self._coming(blob):
            return self._unpack(blob, owner, expected)

    @contextlib.contextmanager
    def _coming(self, blob: str) -> Iterator[None]:
        """Nobody removes the blob meanwhile; at the end it goes, unless a layer has come of it.

        None comes of a broken one, nor of one that was there before, compressed otherwise.
        """
        with self._lock:
            self._arriving[blob] += 1
        try:
            yield
        finally:
            with self._lock:
                self._arriving[blob] -= 1
                self._drop_blob(blob)

    def _drop_blob(self, blob: str) -> None:
        with self._lock:
            if self._arriving[blob]:
                return
            del self._arriving[blob]
            if not any(layer.blob == blob and not layer.lent for layer in self._known.values()):
                self._blobs.remove(blob)

    def _unpack(self, blob: str, owner: str, expected: str) -> Layer:
        known = self._find_blob(blob, owner)
        if known and expected in ("", known.diff_id):
            return known
        with self._new() as temporary:
            plain, found = self._unpack_into(temporary / "diff", blob)
            if expected and plain.digest != expected:
                raise BadParameter(f"invalid diffID: expected {expected!r}, got {plain.digest!r}")
            layer = Layer(
                plain.digest, blob, found.size, plain.size, str(self._path(plain.digest) / "diff")
            )
            marked = mark(temporary / "diff", Hidden(tuple(found.whiteouts), tuple(found.opaques)))
            write_json(temporary / "layer.json", _as_record(layer, found, marked))
            return self._place(temporary, layer, owner)

    def _find_blob(self, blob: str, owner: str) -> Layer | None:
        with self._lock:
            for layer in self._known.values():
                if layer.blob == blob:
                    self._retain(layer.diff_id, owner)
                    return layer
        return None

    def _unpack_into(self, directory: Path, blob: str) -> tuple[_Hashing, Unpacked]:
        with full_disk():
            directory.mkdir(0o755)
        with self._blobs.open(blob) as file, Confined(directory) as root:
            plain = _Hashing(decompress(file), self._limits.archive)
            found = Unpacker(root, limits=self._limits).unpack(cast("IO[bytes]", plain), layer=True)
            while plain.read(_CHUNK):  # what follows the end mark counts for the digest
                pass
        return plain, found

    def _place(self, temporary: Path, layer: Layer, owner: str) -> Layer:
        with self._lock:
            known = self._known.get(layer.diff_id)
            if known is None:
                os.rename(temporary, self._path(layer.diff_id))
                self._known[layer.diff_id] = known = layer
            self._retain(known.diff_id, owner)
            return known

    def open(self, layer: Layer) -> BinaryIO:
        """The layer's plain archive, to read from start to end."""
        return cast("BinaryIO", decompress(self._blobs.open(layer.blob)))

    def mountable(self, layers: Sequence[Layer]) -> None:
        """Make sure that whiteouts are on disk as overlayfs wants them; ServerError if denied."""
        for layer in layers:
            if layer.diff_id in self._mountable:
                continue
            record = _record(layer)
            if record["marked"]:
                self._mountable.add(layer.diff_id)
                continue
            hidden = Hidden(tuple(record["whiteouts"]), tuple(record["opaques"]))
            if layer.lent or not mark(Path(layer.directory), hidden):
                raise ServerError(
                    f"whiteouts of layer {layer.diff_id[7:19]} cannot be made on this disk",
                    "Start the engine with --runtime proot, which does not need them.",
                )
            write_json(self._path(layer.diff_id) / "layer.json", {**record, "marked": True})

    def retain(self, owner: str, layers: Iterable[Layer]) -> None:
        """Keep these layers for an owner until it releases them."""
        with self._lock:
            for layer in layers:
                self._retain(layer.diff_id, owner)

    def _retain(self, diff_id: str, owner: str) -> None:
        if owner:
            self._owners.setdefault(diff_id, set()).add(owner)

    def release(self, owner: str) -> None:
        """The owner is gone: remove the layers that nobody else retains."""
        with self._lock:
            held = [diff_id for diff_id, owners in self._owners.items() if owner in owners]
            for diff_id in held:
                self._owners[diff_id].discard(owner)
            self._remove([diff_id for diff_id in held if not self._owners[diff_id]])

    def sweep(self) -> None:
        """At start, when all owners have retained theirs: remove what nobody retains."""
        with self._lock:
            self._remove([diff_id for diff_id in self._known if not self._owners.get(diff_id)])

    def _remove(self, diff_ids: Iterable[str]) -> None:
        for diff_id in diff_ids:
            self._owners.pop(diff_id, None)
            self._mountable.discard(diff_id)
            layer = self._known.get(diff_id)
            if layer is None or layer.lent:
                continue
            del self._known[diff_id]
            self._drop_blob(layer.blob)
            doomed = self._directory / f".old-{secrets.token_hex(6)}"
            os.rename(self._path(diff_id), doomed)
            remove_tree(doomed)

    def all(self) -> list[Layer]:
        """Every layer there is; of the library's those that are in use."""
        with self._lock:
            return [
                layer
                for layer in self._known.values()
                if not layer.lent or self._owners.get(layer.diff_id)
            ]


def _read(path: Path) -> Layer | None:
    """The layer in a folder; None if it is none, or a broken one."""
    try:
        data = json.loads((path / "layer.json").read_bytes())
        fields = (data["diff_id"], data["blob"], data["size"], data["tar_size"])
    except (OSError, ValueError, KeyError):
        return None
    return Layer(*fields, directory=str(path / "diff"))


def _record(layer: Layer) -> dict[str, Any]:
    path = Path(layer.directory).parent / "layer.json"
    return cast("dict[str, Any]", json.loads(path.read_bytes()))


def _as_record(layer: Layer, found: Unpacked, marked: bool) -> dict[str, Any]:
    return {
        "diff_id": layer.diff_id,
        "blob": layer.blob,
        "size": layer.size,
        "tar_size": layer.tar_size,
        "whiteouts": found.whiteouts,
        "opaques": found.opaques,
        "marked": marked,
    }
