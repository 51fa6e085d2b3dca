"""Commands that carry files: cp, export, commit, save, load, import."""

from __future__ import annotations

import base64
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from dockerlab.client.images import messages, saved
from dockerlab.client.sessions import request
from dockerlab.client.unpack import unpack
from dockerlab.errors import CommandError
from dockerlab.formats.reference import parse
from dockerlab.formats.text import size
from dockerlab.magics.invocation import Commands, Invocation

_SPOOL = 16 << 20
"""Bytes of an archive kept in memory before it goes to a temporary file."""


def cp(call: Invocation) -> int:
    """Between a container and here, in either direction."""
    source, target = (_place(word) for word in call.words)
    if source[0] and target[0]:
        raise CommandError(
            "copying between containers is not supported", "copy it here first, then from here"
        )
    if not source[0] and not target[0]:
        raise CommandError(
            "must specify at least one container source", "write one side as NAME:/path"
        )
    if source[0]:
        count = _out(call, *source, Path(target[1]).expanduser())
        said = f"{call.words[0]} to {target[1]}"
    else:
        count = _in(call, Path(source[1]).expanduser(), *target)
        said = f"{source[1]} to {call.words[1]}"
    if not call.command.on("quiet"):
        call.output.error(f"Successfully copied {size(count)} ({said})")
    return 0


def _place(word: str) -> tuple[str, str]:
    """Container and path; no container for a path here (``./a:b`` is one too)."""
    name, colon, path = word.partition(":")
    return ("", word) if not colon or "/" in name or name.startswith(".") else (name, path)


def _out(call: Invocation, name: str, path: str, target: Path) -> int:
    stream, stat = call.api.get_archive(name, path)
    into_folder = target.is_dir() or call.words[1].endswith("/")
    folder = target if into_folder else target.parent
    if not folder.is_dir():
        raise CommandError(f"no such directory: {folder}", f"make it first: mkdir -p {folder}")
    with _spooled(stream) as file, tarfile.open(fileobj=file) as archive:
        done = unpack(archive, folder, top="" if into_folder else target.name)
    if done.skipped:
        names = ", ".join(done.skipped[:5])
        call.output.error(f"left out (devices, or links that lead out of {stat['name']}): {names}")
    return done.size


def _in(call: Invocation, source: Path, name: str, path: str) -> int:
    if not source.exists():
        raise CommandError(
            f"lstat {source}: no such file or directory",
            f"a path here counts from {Path.cwd()}; NAME:/path is one in a container",
        )
    folder, base = _target(call, source, name, path)
    with tempfile.SpooledTemporaryFile(_SPOOL) as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(source, arcname=base, filter=_ownerless)
            length = sum(member.size for member in archive.getmembers())
        file.seek(0)
        request(
            call.api,
            "PUT",
            "/containers/{0}/archive",
            name,
            params={"path": folder, "noOverwriteDirNonDir": "true"},
            data=file,
        ).close()
    return length


def _ownerless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _target(call: Invocation, source: Path, name: str, path: str) -> tuple[str, str]:
    """Folder to unpack in and name to give: into a folder that is there, else as that name."""
    response = call.api.head(call.api._url("/containers/{0}/archive", name), params={"path": path})
    if response.status_code == 404 and not call.api.inspect_container(name):
        raise CommandError(f"No such container: {name}", "docker ps -a lists all of them")
    is_folder = response.status_code == 200 and _is_folder(response)
    if is_folder or path.endswith("/"):
        # "folder/." means what is in the folder, not the folder itself.
        return path, "." if call.words[0].endswith("/.") else source.resolve().name
    folder, base = os.path.split(path)
    return folder or "/", base


def _is_folder(response: Any) -> bool:
    stat = json.loads(base64.b64decode(response.headers["X-Docker-Container-Path-Stat"]))
    return bool(int(stat["mode"]) & 1 << 31)


@contextmanager
def _spooled(stream: Iterable[bytes]) -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(_SPOOL) as file:
        for piece in stream:
            file.write(piece)
        file.seek(0)
        yield file


def _write(call: Invocation, stream: Iterable[bytes]) -> int:
    path = call.command.text("output")
    if not path:
        raise CommandError(
            "cowardly refusing to save to a terminal. Use the -o flag or redirect",
            f"docker {call.command.name} -o file.tar NAME",
        )
    with Path(path).expanduser().open("wb") as file:
        for piece in stream:
            file.write(piece)
    return 0


def export(call: Invocation) -> int:
    """All files of a container as one tar archive."""
    response = request(call.api, "GET", "/containers/{0}/export", call.words[0])
    return _write(call, response.iter_content(1 << 20))


def save(call: Invocation) -> int:
    """Images with their layers and names as one tar archive."""
    return _write(call, saved(call.api, list(call.words)))


def commit(call: Invocation) -> int:
    """A new image from what a container's files are now."""
    command = call.command
    name, *target = call.words
    reference = parse(target[0]) if target else None
    answer = call.api.commit(
        name,
        repository=reference.repository if reference else None,
        tag=reference.tag if reference else None,
        message=command.text("message") or None,
        author=command.text("author") or None,
        changes=list(command.many("change")) or None,
        pause=command.get("pause", True),
    )
    call.output.line(answer["Id"])
    return 0


def load(call: Invocation) -> int:
    """Images out of a ``docker save`` archive."""
    path = call.command.text("input")
    if not path:
        raise CommandError(
            "requested load from stdin, but stdin is empty", "docker load -i file.tar"
        )
    with Path(path).expanduser().open("rb") as file:
        for message in messages(call.api.load_image(file, quiet=True)):
            call.output.text(str(message.get("stream", "")))
    return 0


def import_image(call: Invocation) -> int:
    """An image of one layer out of a tar archive of files."""
    path, *target = call.words
    reference = parse(target[0]) if target else None
    query = {"fromSrc": "-", "message": call.command.text("message")}
    query |= {"repo": reference.repository, "tag": reference.tag} if reference else {}
    changes = [("changes", change) for change in call.command.many("change")]
    with Path(path).expanduser().open("rb") as file:
        response = request(
            call.api, "POST", "/images/create", params=[*query.items(), *changes], data=file
        )
    for message in messages(call.api._stream_helper(response, decode=True)):
        call.output.line(str(message.get("status", "")))
    return 0


COMMANDS: Commands = {
    "cp": cp,
    "export": export,
    "save": save,
    "commit": commit,
    "load": load,
    "import": import_image,
}
