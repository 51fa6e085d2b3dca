"""A registry of one's own, for seeing a pull happen where no other can be reached.

    with registry(lab, "hello-world") as hub:
        lab.story(f"{hub}/hello-world")

It is real and small: it speaks the protocol of Docker Hub, read-only, on 127.0.0.1, and hands out
copies of images that the engine has. Docker Engine and the embedded engine speak plain HTTP to
registries on 127.0.0.1, so nothing has to be set up.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dockerlab.client.explain import explained
from dockerlab.client.images import saved
from dockerlab.course.shelf import Blob, Shelf
from dockerlab.errors import EngineUnavailable
from dockerlab.formats import manifest

if TYPE_CHECKING:
    import docker

_PROBE = "dockerlab/are-you-there"
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
    """Serves a shelf on a free port of 127.0.0.1; ``asked`` are the requests so far."""

    daemon_threads = True

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """``/v2/``, ``/v2/NAME/manifests/TAG`` and ``/v2/NAME/blobs/DIGEST``; all else is not there."""

    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        if parts == ["v2"]:
            self._send(200, "application/json", b"{}")
            return
        found, kind = (
            self._look("/".join(parts[1:-2]), parts[-2:]) if parts[0] == "v2" else _NOTHING
        )
        if found is None:
            error = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
            self._send(404, "application/json", json.dumps({"errors": [error]}).encode())
        else:
            self._send_blob(found, kind)

    do_HEAD = do_GET

    def _look(self, repository: str, last: list[str]) -> tuple[Blob | None, str]:
        shelf = self.server.shelf
        if len(last) == 2 and last[0] == "manifests":
            return shelf.manifests.get((repository, last[1])), manifest.DOCKER_MANIFEST
        if len(last) == 2 and last[0] == "blobs":
            return shelf.blobs.get(last[1]), "application/octet-stream"
        return _NOTHING

    def _head(self, status: int, kind: str, size: int, digest: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
        if digest:
            self.send_header("Docker-Content-Digest", digest)
        self.end_headers()

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self._head(status, kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_blob(self, blob: Blob, kind: str) -> None:
        self._head(200, kind, blob.size, blob.digest)
        if self.command != "HEAD":
            with blob.path.open("rb") as file:
                shutil.copyfileobj(file, self.wfile, 1 << 20)

    def log_message(self, *_: object) -> None:
        """Say nothing: the cell's output belongs to the learner."""


_NOTHING: tuple[Blob | None, str] = (None, "")
