"""Unpacking an archive that comes from a container, which nobody need trust.

Nothing is written outside the folder given: absolute names, ``..`` and links that lead out are
refused, links are made last so that no file is written through one, and neither devices nor
set-user-id bits come along. (``tarfile``'s own filter for this is newer than Python 3.11.2.)
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from dockerlab.errors import FormatError


@dataclass
class Unpacked:
    """Bytes of the files written, and the names of what was left out."""

    size: int = 0
    skipped: list[str] = field(default_factory=list)


def unpack(archive: tarfile.TarFile, folder: Path, *, top: str = "") -> Unpacked:
    """Unpack all of ``archive`` into ``folder``; its topmost name becomes ``top``, if given."""
    done = Unpacked()
    links: list[tuple[str, str]] = []
    first = ""
    for member in archive:
        name = _checked(member.name)
        first = first or name.partition("/")[0]
        if top and (name == first or name.startswith(first + "/")):
            name = top + name[len(first) :]
        if member.issym():
            links.append((name, member.linkname))
        elif member.isdir():
            _folder(folder, name)
        elif member.isfile() or member.islnk():
            done.size += _file(archive, member, folder, name)
        else:
            done.skipped.append(name)
    for name, target in links:
        if not _link(folder, name, target):
            done.skipped.append(name)
    return done


def _checked(name: str) -> str:
    clean = posixpath.normpath(name)
    if clean.startswith("/") or clean == ".." or clean.startswith("../"):
        raise FormatError(
            f"the archive has a name that leads out of it: {name}",
            "it was not made by an engine as it should be: copy single files out of it",
        )
    return clean


def _folder(root: Path, name: str) -> Path:
    """Make a folder and those above it; one that is a link already is refused."""
    path = root
    for part in [part for part in name.split("/") if part != "."]:
        path = path / part
        if path.is_symlink():
            raise FormatError(
                f"{path} is a link: nothing is written through it", "copy into another folder"
            )
        path.mkdir(exist_ok=True)
    return path


def _file(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path, name: str) -> int:
    try:
        content = archive.extractfile(member)
    except KeyError:
        content = None
    if content is None:
        raise FormatError(
            f"the archive has a link to a file that it lacks: {member.name}",
            "copy that file by itself",
        )
    head, _, base = name.rpartition("/")
    path = _folder(root, head) / base
    if path.is_dir() and not path.is_symlink():
        raise FormatError(
            f"cannot overwrite the folder {path} with a file",
            "remove the folder, or copy to another name",
        )
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, member.mode & 0o777 | 0o600), "wb") as file:
        shutil.copyfileobj(content, file)
        return file.tell()


def _link(root: Path, name: str, target: str) -> bool:
    """Make a symbolic link, if it stays inside."""
    landing = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    if target.startswith("/") or landing == ".." or landing.startswith("../"):
        return False
    head, _, base = name.rpartition("/")
    path = _folder(root, head) / base
    if path.is_dir() and not path.is_symlink():
        return False
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return True
