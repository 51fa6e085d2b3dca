"""A registry of one's own, for seeing a pull happen where no other can be reached.

    with registry(lab, "hello-world") as hub:
        lab.story(f"{hub}/hello-world")

It is real and small: it speaks the protocol of Docker Hub, read-only, on 127.0.0.1, and hands out
copies of images that the engine has. Docker Engine and the embedded engine speak plain HTTP to
registries on 127.0.0.1, so nothing has to be set up.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
import tempfile
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Protocol

from dockerlab.client.explain import explained
from dockerlab.client.images import saved
from dockerlab.course.shelf import Blob, Shelf
from dockerlab.errors import EngineUnavailable
from dockerlab.formats import manifest

if TYPE_CHECKING:
    import docker

_PROBE = "dockerlab/are-you-there"
_REST = re.compile(r"bytes=(\d{1,15})-")
_PATIENCE = 30
"""Seconds that a connection may be silent."""


class HasDocker(Protocol):
    """A Lab, or anything else that holds a docker-py client."""

    @property
    def docker(self) -> docker.DockerClient: ...


class Registry:
    """Runs until ``close()`` or the end of its ``with``; its text is its address.

    Closing also takes the images that were pulled from it out of the engine, unless a container
    still uses them: their names would lead nowhere.
    """

    def __init__(self, lab: HasDocker, *images: str) -> None:
        self._api: Any = lab.docker.api
        self._folder = tempfile.TemporaryDirectory(prefix="dockerlab-registry-")
        folder = Path(self._folder.name)
        shelf = Shelf(folder, f"a copy for learning, {secrets.token_hex(8)}")
        if images:
            self._fill(shelf, folder / "saved.tar", list(images))
        self._server = Server(shelf)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _fill(self, shelf: Shelf, archive: Path, images: list[str]) -> None:
        with archive.open("wb") as file:
            for piece in saved(self._api, images):
                file.write(piece)
        shelf.add(archive)
        archive.unlink()

    @property
    def address(self) -> str:
        """What stands before the slash in the names of its images: ``127.0.0.1:41234``."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[str]:
        """What engines asked it for, in order: ``GET /v2/hello-world/manifests/latest``."""
        return [line for line in self._server.asked if _PROBE not in line]

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"<Registry at {self.address}>"

    def check(self) -> None:
        """See whether the engine reaches it. Raises EngineUnavailable when it does not."""
        import docker.errors  # slow to import, and loaded by any connection

        with suppress(docker.errors.APIError):
            self._api.pull(f"{self.address}/{_PROBE}")
        if not any(_PROBE in line for line in self._server.asked):
            raise EngineUnavailable(
                f"The engine cannot reach the registry at {self.address}: it runs on another"
                " machine or in a network of its own",
                "see the pull with Docker Hub: %docker rmi hello-world,"
                ' and then lab.story("hello-world")',
            )

    def close(self) -> None:
        """End it, and remove what was pulled from it."""
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()
        self._forget()

    def _forget(self) -> None:
        import docker.errors

        for image in self._api.images():
            for tag in image.get("RepoTags") or ():
                if tag.startswith(f"{self.address}/"):
                    with suppress(docker.errors.APIError):
                        self._api.remove_image(tag)

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@explained()
def registry(lab: HasDocker, *images: str) -> Registry:
    """Start a registry that holds copies of these images of the engine's.

    Raises NotFoundHere when the engine lacks one, EngineUnavailable when it cannot reach it.
    """
    made = Registry(lab, *images)
    try:
        made.check()
    except BaseException:
        made.close()
        raise
    return made


class Server(ThreadingHTTPServer):
    """Serves a shelf, by default on a free port of 127.0.0.1; ``asked`` are the requests so far.

    ``pages`` are texts that it gives besides, as JSON, by their paths.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, shelf: Shelf, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.shelf = shelf
        self.pages: dict[str, bytes] = {"/v2/": b"{}", "/v2": b"{}"}
        self.asked: list[str] = []
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # Not HTTPServer's own: it asks a name server for this machine's name, and here is none.
        TCPServer.server_bind(self)

    def heard(self, request: str) -> None:
        """Somebody asked for something: ``GET /v2/hello-world/manifests/latest``."""
        self.asked.append(request)

    def gave(self, repository: str, client: str) -> None:
        """Somebody at an address was given the manifest of one of its images."""


class _Handler(BaseHTTPRequestHandler):
    """``/v2/``, ``/v2/NAME/manifests/TAG`` and ``/v2/NAME/blobs/DIGEST``; all else is not there."""

    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.heard(f"{self.command} {path}")
        if page := self.server.pages.get(path):
            self._send(200, page)
            return
        found, kind = self._look(path.strip("/").split("/"))
        if found is None:
            error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
            self._send(404, json.dumps({"errors": [error]}).encode())
        else:
            self._send_blob(found, kind)

    do_HEAD = do_GET

    def _look(self, parts: list[str]) -> tuple[Blob | None, str]:
        shelf = self.server.shelf
        # As a mirror of Docker Hub it is asked for library/alpine.
        repository = "/".join(parts[1:-2]).removeprefix("library/")
        if parts[0] == "v2" and parts[-2:-1] == ["manifests"]:
            found = shelf.manifests.get((repository, parts[-1]))
            if found and self.command == "GET":
                self.server.gave(repository, self.client_address[0])
            return found, manifest.DOCKER_MANIFEST
        if parts[0] == "v2" and parts[-2:-1] == ["blobs"]:
            return shelf.blobs.get(parts[-1]), "application/octet-stream"
        return None, ""

    def _head(self, status: int, kind: str, size: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _send(self, status: int, body: bytes) -> None:
        self._head(status, "application/json", len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_blob(self, blob: Blob, kind: str) -> None:
        """All of it, or what is left from ``Range: bytes=N-`` on, as one asks who was cut off."""
        told = {"Docker_Content_Digest": blob.digest, "Accept_Ranges": "bytes"}
        asked = _REST.fullmatch(self.headers.get("Range", ""))
        start = int(asked[1]) if asked and int(asked[1]) < blob.size else 0
        if start:
            told["Content_Range"] = f"bytes {start}-{blob.size - 1}/{blob.size}"
        self._head(206 if start else 200, kind, blob.size - start, **told)
        if self.command == "HEAD":
            return
        try:
            with blob.path.open("rb") as file:
                file.seek(start)
                shutil.copyfileobj(file, self.wfile, 1 << 20)
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # whoever asked has gone

    def log_message(self, *_: object) -> None:
        """Say nothing: the cell's output belongs to the learner."""
