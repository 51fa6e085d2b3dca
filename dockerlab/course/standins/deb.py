"""Files inside Debian packages, read without unpacking them to disk.

A ``.deb`` is an ``ar`` archive whose member ``data.tar.*`` holds the files
(deb(5)). Paths are given as on a system with merged /usr, whichever way the
package has them: /lib/x86_64-linux-gnu/libc.so.6 is found under /usr/lib.
"""

from __future__ import annotations

import gzip
import io
import lzma
import posixpath
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dockerlab.course.standins import elf
from dockerlab.errors import FormatError

_MERGED = ("/bin/", "/sbin/", "/lib/", "/lib64/")
_LINKS_AT_MOST = 8
_UNPACK_SECONDS = 120
_SIZE_AT_MOST = 1 << 30


@dataclass(frozen=True)
class Package:
    """One downloaded package."""

    name: str
    version: str
    path: Path


@dataclass(frozen=True)
class File:
    """A file or a symbolic link of a package; a link has a ``target`` and no data."""

    path: str
    package: str
    mode: int
    data: bytes
    target: str = ""


def read(package: Package) -> Iterator[File]:
    """All files and links of a package. Directories are left out.

    Raises FormatError when the package is damaged or reaches outside itself.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(_data(package.path)), mode="r:") as archive:
            yield from _files(archive, package.name)
    except (tarfile.TarError, lzma.LZMAError, OSError, EOFError, KeyError) as error:
        raise FormatError(f"{package.path.name} is damaged: {error}") from error


def _files(archive: tarfile.TarFile, package: str) -> Iterator[File]:
    for member in archive:
        path = merged(member.name)
        if member.issym():
            yield File(path, package, 0o777, b"", member.linkname)
        elif member.isreg() or member.islnk():
            content = archive.extractfile(member)
            if content is None:
                raise FormatError(f"{package}: {member.name} has no content")
            yield File(path, package, member.mode & 0o7777, content.read())


def merged(name: str) -> str:
    """The absolute path of an archive member on a system with merged /usr."""
    parts = name.split("/")
    if ".." in parts:
        raise FormatError(f"a package names a path outside itself: {name}")
    path = "/" + "/".join(part for part in parts if part not in ("", "."))
    return "/usr" + path if path.startswith(_MERGED) else path


def _data(path: Path) -> bytes:
    """The uncompressed tar inside a package."""
    for name, body in _members(path):
        if name == "data.tar":
            return body
        if name == "data.tar.xz":
            return lzma.decompress(body)
        if name == "data.tar.gz":
            return gzip.decompress(body)
        if name.startswith("data.tar."):
            # Ubuntu compresses with zstd, which Python learns only in 3.14.
            return _by_dpkg(path)
    raise FormatError(f"{path.name} is not a Debian package: it has no data.tar")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise FormatError(f"{path.name} is not a Debian package")
        while header := file.read(60):
            size = header[48:58].strip()
            if len(header) < 60 or not size.isdigit() or int(size) > _SIZE_AT_MOST:
                raise FormatError(f"{path.name} is damaged: broken ar header")
            body = file.read(int(size))
            if len(body) < int(size):
                raise FormatError(f"{path.name} is cut off")
            file.read(int(size) & 1)
            yield header[:16].decode("ascii", "replace").strip().rstrip("/"), body


def _by_dpkg(path: Path) -> bytes:
    program = shutil.which("dpkg-deb")
    if program is None:
        raise FormatError(f"{path.name}: its compression needs dpkg-deb, which is missing here")
    done = subprocess.run(
        [program, "--fsys-tarfile", str(path)],
        capture_output=True,
        timeout=_UNPACK_SECONDS,
        check=False,
    )
    if done.returncode:
        raise FormatError(f"{path.name}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


class Pool:
    """The files of several packages as one tree, to take from."""

    def __init__(self, packages: Iterable[Package]) -> None:
        self.versions: dict[str, str] = {}
        self._files: dict[str, File] = {}
        for package in packages:
            self.versions[package.name] = package.version
            self._files.update((file.path, file) for file in read(package))
        self._libraries = self._index()

    def _index(self) -> dict[str, str]:
        """Library name → path. Only the linker's own folders count, not plug-in folders."""
        found: dict[str, str] = {}
        for path in sorted(self._files):
            folder, name = posixpath.split(path)
            parts = folder.split("/")[1:]
            if ".so" in name and parts[:2] == ["usr", "lib"] and len(parts) <= 3:
                found.setdefault(name, path)
        return found

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def file(self, path: str) -> File:
        """The regular file at ``path``, links followed. Raises FormatError when there is none."""
        wanted = path
        for _ in range(_LINKS_AT_MOST):
            file = self._files.get(wanted)
            if file is None:
                break
            if not file.target:
                return file
            wanted = _follow(wanted, file.target)
        raise FormatError(f"none of the packages at hand has {path}")

    def under(self, folder: str) -> Iterator[File]:
        """Regular files below a folder, in order of their paths."""
        prefix = folder.rstrip("/") + "/"
        for path in sorted(self._files):
            if path.startswith(prefix) and not self._files[path].target:
                yield self._files[path]

    def library(self, name: str) -> File | None:
        """The shared library of that name, ``libssl.so.3``."""
        path = self._libraries.get(name)
        return self.file(path) if path else None

    def closure(self, programs: Iterable[bytes], have: Iterable[str]) -> dict[str, File]:
        """Every library that the programs need, and those need in turn, by name.

        ``have`` names what is there already and not to be looked at again.
        """
        seen, found = set(have), {}
        to_read = list(programs)
        while to_read:
            for name in elf.needed(to_read.pop()):
                if name in seen:
                    continue
                seen.add(name)
                library = self.library(name)
                if library is None:
                    raise FormatError(f"no package at hand has the library {name}")
                found[name] = library
                to_read.append(library.data)
        return dict(sorted(found.items()))


def _follow(path: str, target: str) -> str:
    """Where a link at ``path`` leads, never above the root."""
    return merged(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
