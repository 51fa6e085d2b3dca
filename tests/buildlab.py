"""Builds for the tests: contexts made by hand, ``POST /build`` word for word, what came of it.

``Builder`` speaks plain HTTP, so a test sees each line as the engine sent it. What its builds
left in the engine goes with ``Builder.clear``, on an engine that others use too.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import re
import socket
import tarfile
import time
import urllib.parse
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import docker
from docker.client import DockerClient

ID = re.compile(r"\b(?:sha256:)?([0-9a-f]{12})(?:[0-9a-f]{52})?\b")


@dataclass(frozen=True)
class Entry:
    """A member of a context. ``link`` makes it a link, ``kind`` something else (tarfile's)."""

    content: bytes = b""
    mode: int = 0o644
    link: str = ""
    kind: bytes = b""
    uid: int = 0
    gid: int = 0
    mtime: int = 1_500_000_000
    size: int | None = None


Files = Mapping[str, "Entry | bytes | str"]


def folder(mode: int = 0o755, **more: Any) -> Entry:
    return Entry(mode=mode, kind=tarfile.DIRTYPE, **more)


def link(target: str) -> Entry:
    return Entry(link=target, mode=0o777)


def context(files: Files, *, compression: str = "") -> bytes:
    """A tar of these files, in this order, byte for byte the same each time."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}") as tar:  # type: ignore[call-overload]
        for path, content in files.items():
            entry = as_entry(content)
            tar.addfile(_header(path, entry), io.BytesIO(entry.content))
    return data.getvalue()


def as_entry(content: Entry | bytes | str) -> Entry:
    return content if isinstance(content, Entry) else Entry(_bytes(content))


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _header(path: str, entry: Entry) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.mode, header.uid, header.gid = entry.mode, entry.uid, entry.gid
    header.mtime = entry.mtime
    header.type = entry.kind or (tarfile.SYMTYPE if entry.link else tarfile.REGTYPE)
    header.linkname = entry.link
    header.size = len(entry.content) if entry.size is None else entry.size
    return header


@dataclass
class Built:
    """One answer of ``POST /build``. ``status`` is that of HTTP; ``message`` of a plain refusal."""

    status: int
    records: list[dict[str, Any]] = field(default_factory=list)
    message: str = ""
    kind: str = ""
    """The content type of the answer."""

    @property
    def text(self) -> str:
        """All that the command line would print."""
        return "".join(record.get("stream", "") for record in self.records)

    @property
    def lines(self) -> list[str]:
        """The text by lines, ids as ``#1``, ``#2`` … in the order in which they first come."""
        seen: dict[str, str] = {}
        numbered = ID.sub(lambda found: seen.setdefault(found[1], f"#{len(seen) + 1}"), self.text)
        return numbered.splitlines()

    @property
    def error(self) -> str:
        """What went wrong, wherever it stands, in Docker's words; empty if nothing did."""
        return self._error.split("\n→ ")[0]

    @property
    def advice(self) -> str:
        """Where in the Dockerfile, and what to do: the embedded engine says it after the error."""
        return self._error.partition("\n→ ")[2]

    @property
    def _error(self) -> str:
        return next((r["error"] for r in self.records if "error" in r), self.message)

    @property
    def image(self) -> str:
        """The id of the result: ``sha256:…``; empty for a build that failed."""
        ids = [r["aux"]["ID"] for r in self.records if "ID" in r.get("aux", {})]
        return ids[-1] if ids and not self.error else ""

    @property
    def containers(self) -> list[str]:
        """Short ids of the containers that its steps ran in."""
        return re.findall(r"---> Running in ([0-9a-f]{12})", self.text)

    @property
    def images(self) -> list[str]:
        """Short ids of the images after its steps, in order."""
        return re.findall(r"---> ([0-9a-f]{12})\n", self.text)

    @property
    def steps(self) -> list[str]:
        """The instructions as they were announced."""
        return [part.partition("\n")[0] for part in self._parts]

    @property
    def _parts(self) -> list[str]:
        """The text by steps, each from its instruction on."""
        parts: list[str] = []
        for record in self.records:
            text = record.get("stream", "")
            if found := re.match(r"Step \d+/\d+ : ", text):
                parts.append(text[found.end() :])
            elif parts:
                parts[-1] += text
        return parts

    @property
    def pattern(self) -> str:
        """A letter a step: ``h`` hit, ``m`` miss, ``x`` failed, ``F`` FROM.

        ``f`` is a FROM whose ONBUILD triggers were cached.
        """
        letters = "".join(_letter(part) for part in self._parts)
        return letters[:-1] + "x" if self.error and letters else letters


def _letter(part: str) -> str:
    hit = " ---> Using cache\n" in part
    if part[:4].upper() == "FROM":
        return "f" if hit else "F"
    return "h" if hit else "m"


class UnixHTTP(http.client.HTTPConnection):
    """HTTP on the engine's socket."""

    def __init__(self, url: str, seconds: float = 60) -> None:
        super().__init__("localhost", timeout=seconds)
        self.path = url.removeprefix("unix://")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Builder:
    """Builds on one engine, and clears away what they left."""

    url: str
    client: DockerClient
    mark: str = field(default_factory=lambda: f"dltest-{uuid.uuid4().hex[:10]}")
    """Stands for ``@@`` in each Dockerfile and query: no other test's cache has what is built."""
    seen: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.time)

    def __call__(
        self, dockerfile: str | bytes | None, files: Files | None = None, **query: Any
    ) -> Built:
        """Build; ``query`` are the words of the API. No Dockerfile: the context has one, or not."""
        members: dict[str, Entry | bytes | str] = dict(files or {})
        if dockerfile is not None:
            members[query.get("dockerfile", "Dockerfile")] = self.marked(dockerfile)
        return self.send(context(members), **query)

    def marked(self, text: str | bytes) -> bytes:
        return _bytes(text).replace(b"@@", self.mark.encode())

    def send(self, body: bytes, headers: Mapping[str, str] | None = None, **query: Any) -> Built:
        """Any body, as it is."""
        query = {"rm": 1, **query}
        with self.request(body, headers, **query) as answer:
            built = read(answer)
        self.remember(built)
        return built

    def remember(self, built: Built) -> None:
        """What ``clear`` shall remove."""
        self.seen += [*built.images, *([built.image] if built.image else [])]
        self.containers += built.containers

    @contextlib.contextmanager
    def request(
        self, body: bytes, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Iterator[http.client.HTTPResponse]:
        """An answer to be read piece by piece; the connection is closed at the end."""
        connection = UnixHTTP(self.url)
        words = {k: _word(v) for k, v in query.items() if v is not None}
        path = "/v1.41/build?" + urllib.parse.urlencode(words, doseq=True)
        path = path.replace("%40%40", self.mark)
        kinds = {"Content-Type": "application/x-tar", **(headers or {})}
        try:
            connection.request("POST", path, body, kinds)
            yield connection.getresponse()
        finally:
            connection.close()

    # --- what came of it

    def config(self, built: Built) -> dict[str, Any]:
        """The image's Config."""
        assert built.image, built.error
        config: dict[str, Any] = self.client.api.inspect_image(built.image)["Config"]
        return config

    def tree(self, image: Built | str, path: str) -> dict[str, tarfile.TarInfo]:
        """What is at the path in the image: name below it → header of the archive."""
        with self.archive(image, path) as tar:
            return {member.name: member for member in tar.getmembers()}

    def owners(self, built: Built, layer: int = -1) -> dict[str, tuple[int, int]]:
        """Path → (user, group) of what a layer holds, as the archive of the image says."""
        data = b"".join(self.client.api.get_image(built.image))
        with tarfile.open(fileobj=io.BytesIO(data)) as saved:
            manifest = json.load(_file(saved, "manifest.json"))
            with tarfile.open(fileobj=_file(saved, manifest[0]["Layers"][layer])) as tar:
                return {m.name: (m.uid, m.gid) for m in tar.getmembers()}

    def read(self, image: Built | str, path: str) -> bytes:
        """The content of a file in the image."""
        with self.archive(image, path) as tar:
            found = tar.extractfile(tar.getmembers()[0])
            assert found is not None, f"{path} is not a file"
            return found.read()

    @contextlib.contextmanager
    def archive(self, image: Built | str, path: str) -> Iterator[tarfile.TarFile]:
        if isinstance(image, Built):
            assert image.image, image.error
            image = image.image
        made = self.client.api.create_container(image, ["x"], name=f"dltest-{uuid.uuid4().hex}")
        try:
            data = b"".join(self.client.api.get_archive(made["Id"], path)[0])
        finally:
            self.client.api.remove_container(made["Id"], v=True)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            yield tar

    def run(self, image: Built | str, *words: str) -> str:
        """What a command (none: the image's own) prints in a container of it."""
        if isinstance(image, Built):
            assert image.image, image.error
            image = image.image
        name = f"dltest-{uuid.uuid4().hex}"
        box = self.client.containers.run(image, list(words) or None, name=name, detach=True)
        code = box.wait(timeout=60)["StatusCode"]
        # Afterwards: a log that is followed may end too early on a busy Docker Engine.
        output: bytes = box.logs(stdout=True, stderr=code != 0)
        box.remove(v=True)
        if code:
            raise docker.errors.ContainerError(box, code, list(words), image, output)
        return output.decode()

    # --- and away

    def clear(self) -> None:
        """Remove what the builds left: images that carry no other name than a test's."""
        for container in self.containers:
            with contextlib.suppress(docker.errors.APIError):
                self.client.api.remove_container(container, force=True, v=True)
        for identifier in dict.fromkeys(reversed(self.seen)):
            self.remove(identifier)

    def remove(self, identifier: str) -> None:
        with contextlib.suppress(docker.errors.APIError):
            image = self.client.api.inspect_image(identifier)
            names = image["RepoTags"] or []
            if all(name.startswith("dltest-") for name in names) and self._is_mine(image):
                for name in names[1:]:
                    self.client.api.remove_image(name)
                self.client.api.remove_image(image["Id"], force=True)

    def _is_mine(self, image: dict[str, Any]) -> bool:
        """Made since the builder was."""
        made = image["Created"].split(".")[0].rstrip("Z")
        begun = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.begun - 1))
        return bool(made >= begun)


def _file(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    assert found is not None, f"{name} is no file"
    return found


def _word(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def read(answer: http.client.HTTPResponse) -> Built:
    """The whole answer."""
    kind = answer.getheader("Content-Type", "")
    body = answer.read()
    if answer.status != 200:
        return Built(answer.status, message=json.loads(body)["message"], kind=kind)
    return parse(body, kind)


def parse(body: bytes, kind: str = "") -> Built:
    """A stream of records, one a line."""
    return Built(200, [json.loads(line) for line in body.splitlines()], kind=kind)
