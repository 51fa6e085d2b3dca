"""The image of all boxes: an empty root directory, to which a container's mounts are added.

It is imported from a small archive that is always the same on one machine, so that no registry
and no other image is needed; its tag says what is in it.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator

import docker
from docker.errors import ImageNotFound

from dockerlab.grading.classroom.dockerbox.inside import layout
from dockerlab.grading.classroom.sandbox.inside import places

_FOLDERS = ("dev", "etc", "home", "proc", "root", "run", "sys", "var", "var/tmp")


def have_image(client: docker.DockerClient, name: str) -> str:
    """The image's full name; it is there then. Raises docker's errors."""
    data = archive()
    tag = hashlib.sha256(data).hexdigest()[:12]
    try:
        client.images.get(f"{name}:{tag}")
    except ImageNotFound:
        client.api.import_image_from_data(data, repository=name, tag=tag)
    return f"{name}:{tag}"


def archive() -> bytes:
    """The root directory, as a tar."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for member, content in _members():
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def _members() -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    for name in _FOLDERS:
        yield _member(name, tarfile.DIRTYPE, 0o755), b""
    yield _member(layout.PRIVATE.lstrip("/"), tarfile.DIRTYPE, 0o700), b""
    accounts = [(f"/etc/{name}", f"{layout.RUN}/{name}") for name in places.accounts(0)]
    for link, target in (*places.LINKS, *accounts, ("/tmp", layout.TMP)):
        member = _member(link.lstrip("/"), tarfile.SYMTYPE, 0o777)
        member.linkname = target
        yield member, b""
    for name in sorted(places.WRITTEN.keys() - places.accounts(0).keys()):
        yield _member(f"etc/{name}", tarfile.REGTYPE, 0o644), places.WRITTEN[name].encode()


def _member(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode = kind, mode
    return member
