"""The course's images for a class, from the teacher's machine.

It is a registry that only gives: whoever reaches it can pull the images and nothing else, neither
push nor see any other file. By default only this machine reaches it.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dockerlab.course.cache import Cache
from dockerlab.course.offline.archives import Archive, HasDocker, archives
from dockerlab.course.presence import platform_of
from dockerlab.course.progress import Printer, Progress, Step, megabytes
from dockerlab.course.registry import Server
from dockerlab.course.shelf import Shelf
from dockerlab.errors import DockerlabError
from dockerlab.formats import manifest, offers
from dockerlab.formats.offers import Offer, Offers
from dockerlab.formats.reference import parse

PORT = 5000
_MOST_CLIENTS = 64

Told = Callable[[str], None]


class Serving:
    """Runs until ``close()`` or the end of its ``with``; its text is its address."""

    def __init__(self, server: Server, folder: tempfile.TemporaryDirectory[str], raw: bytes):
        self._server = server
        self._folder = folder
        self.offers = offers.read(raw)
        self.fingerprint = offers.fingerprint(raw)[: offers.SHORT]
        self._thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """How others name it: ``http://192.168.1.20:5000``."""
        named = _seen_from_outside(str(self._server.server_address[0]))
        return f"http://{f'[{named}]' if ':' in named else named}:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def open(self) -> bool:
        """Whether other machines reach it."""
        return not ipaddress.ip_address(str(self._server.server_address[0])).is_loopback

    @property
    def size(self) -> int:
        """Bytes that one learner fetches for all images."""
        return sum(offer.size for offer in self.offers.images)

    def wait(self) -> None:
        """Return when it was closed."""
        self._thread.join()

    def close(self) -> None:
        """End it. Doing so twice does no harm."""
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()

    def __str__(self) -> str:
        return f"{self.url}#{self.fingerprint}"

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    lab: HasDocker,
    names: Iterable[str] | None = None,
    *,
    address: tuple[str, int] = ("127.0.0.1", PORT),
    told: Told = print,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Serving:
    """Start to serve these images (all of the catalogue by default).

    ``told`` hears who took which. Raises ImagesMissing, and DockerlabError when the address is not
    this machine's or taken.
    """
    progress = progress or Printer()
    server = _listening(address, told)
    folder = tempfile.TemporaryDirectory(prefix="dockerlab-serve-")
    try:
        server.shelf = shelf = Shelf(Path(folder.name), "")
        made = archives(lab, names, cache or Cache(), progress)
        listed = Offers(
            platform_of(lab.docker.api), tuple(_put(shelf, each, progress) for each in made)
        )
        server.pages[offers.PATH] = raw = offers.write(listed)
        return Serving(server, folder, raw)
    except BaseException:
        server.server_close()
        folder.cleanup()
        raise


def _listening(address: tuple[str, int], told: Told) -> Server:
    try:
        return _Counter(address, told)
    except OSError as error:
        hint = {
            errno.EADDRINUSE: "Something else listens there: choose another with --port.",
            errno.EADDRNOTAVAIL: "Give one of this machine's own addresses: ip -brief address.",
            errno.EACCES: "Ports below 1024 are root's: choose another with --port.",
        }.get(error.errno or 0, "Give an address of this machine, as in --address 192.168.1.20.")
        where = f"{address[0]}:{address[1]}"
        raise DockerlabError(f"Nothing can listen at {where}: {error.strerror}.", hint) from error


def _put(shelf: Shelf, archive: Archive, progress: Progress) -> Offer:
    progress(Step(f"Packing {archive.image.name} ({megabytes(archive.path.stat().st_size)} MB)"))
    try:
        shelf.add(archive.path)
    except OSError as error:
        raise DockerlabError(
            f"The images cannot be packed in {shelf.folder}: {error.strerror or error}.",
            "Free some space there, or set TMPDIR to a folder on another disk.",
        ) from error
    reference = parse(archive.image.tags[0])
    found = shelf.manifests[reference.repository, reference.tag]
    read = manifest.parse(found.path.read_bytes(), manifest.DOCKER_MANIFEST)
    assert isinstance(read, manifest.Manifest)
    size = read.config.size + sum(layer.size for layer in read.layers)
    return Offer(archive.image, found.digest, size)


def _seen_from_outside(host: str) -> str:
    """An address by which others reach this machine, where it listens at all of them."""
    if not ipaddress.ip_address(host).is_unspecified:
        return host
    family, far = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: the kernel only says from where it would.
            probe.connect((far, 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


class _Counter(Server):
    """Gives to so many at a time; the others wait their turn."""

    def __init__(self, address: tuple[str, int], told: Told) -> None:
        self._places = threading.BoundedSemaphore(_MOST_CLIENTS)
        self._told = told
        super().__init__(Shelf(Path(), ""), address)

    def heard(self, request: str) -> None:
        """Not kept: it may run for a whole day."""

    def gave(self, repository: str, client: str) -> None:
        self._told(f"{client} takes {repository}")

    def process_request(self, request: Any, client_address: Any) -> None:
        self._places.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()
