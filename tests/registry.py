"""A real registry on loopback (Debian's docker-registry), and a wire to it that can break."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from freeports import free_port

from dockerlab.course.shelf import Shelf
from dockerlab.formats import manifest

PROGRAM = "docker-registry"
_CONFIG = """
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: FOLDER/data}
http: {addr: "ADDRESS"}
"""


@dataclass
class Registry:
    """``address`` stands before the slash in the names of its images."""

    address: str
    folder: Path

    def upload(self, archive: Path, mark: str) -> dict[str, str]:
        """Put in the images of a ``docker save`` archive, as a push does; tag → digest.

        Their layers are copies that no engine has yet (see Shelf).
        """
        folder = self.folder / mark
        folder.mkdir()
        shelf = Shelf(folder, mark)
        shelf.add(archive)
        digests: dict[str, str] = {}
        for (repository, tag), raw in shelf.manifests.items():
            for blob in shelf.blobs.values():
                self._put_blob(repository, blob.digest, blob.path.read_bytes())
            self._put_manifest(repository, tag, raw.path.read_bytes())
            digests[f"{repository}:{tag}"] = raw.digest
        return digests

    def _put_blob(self, repository: str, digest: str, data: bytes) -> None:
        begun = requests.post(f"http://{self.address}/v2/{repository}/blobs/uploads/", timeout=30)
        begun.raise_for_status()
        octets = {"Content-Type": "application/octet-stream"}
        requests.put(
            begun.headers["Location"], data, params={"digest": digest}, headers=octets, timeout=30
        ).raise_for_status()

    def _put_manifest(self, repository: str, tag: str, raw: bytes) -> None:
        kind = {"Content-Type": manifest.DOCKER_MANIFEST}
        where = f"http://{self.address}/v2/{repository}/manifests/{tag}"
        requests.put(where, raw, headers=kind, timeout=30).raise_for_status()


def installed() -> bool:
    return shutil.which(PROGRAM) is not None


@contextmanager
def serving(folder: Path) -> Iterator[Registry]:
    """Run a registry that keeps everything in a folder."""
    address = f"127.0.0.1:{free_port()}"
    config = folder / "config.yml"
    config.write_text(_CONFIG.replace("FOLDER", str(folder)).replace("ADDRESS", address))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "serve", str(config)], stdout=log, stderr=log)
    try:
        _wait(f"http://{address}/v2/", process)
        yield Registry(address, folder)
    finally:
        process.terminate()
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        with suppress(requests.ConnectionError):
            requests.get(url, timeout=30).raise_for_status()
            return
        assert process.poll() is None, "the registry ended at once"
        assert time.monotonic() < end, "the registry does not answer"
        time.sleep(0.05)


@dataclass
class Wire:
    """Passes connections on to a registry; the first one is cut after so many bytes of answers."""

    registry: str
    cut_after: int
    requests: bytes = b""
    cuts: int = 0
    address: str = field(init=False)
    _server: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        host, _, port = self.registry.partition(":")
        with suppress(OSError):  # closed
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection((host, int(port)))
                threading.Thread(target=self._asked, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answered, args=(far, near), daemon=True).start()

    def _asked(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while data := near.recv(1 << 16):
                self.requests += data
                far.sendall(data)
        far.close()

    def _answered(self, far: socket.socket, near: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while data := far.recv(1 << 14):
                passed += len(data)
                if passed > self.cut_after and not self.cuts:
                    self.cuts += 1
                    break
                near.sendall(data)
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)
        near.close()
