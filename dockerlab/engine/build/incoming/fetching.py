"""What a build brings in from outside: base images, and files that ADD names by their address."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Callable
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from dockerlab.engine.build.files.single import Single
from dockerlab.engine.build.files.spool import spool as new_spool
from dockerlab.engine.build.options import Options
from dockerlab.engine.build.output import Output
from dockerlab.engine.errors import BadParameter, NotFound, NotImplementedHere, ServerError
from dockerlab.engine.registry import access
from dockerlab.engine.registry.access import Login
from dockerlab.engine.registry.pull import Pull, Sink
from dockerlab.engine.store.files import full_disk
from dockerlab.engine.store.image import Image
from dockerlab.engine.store.images import Images
from dockerlab.formats import manifest
from dockerlab.formats import reference as names

if TYPE_CHECKING:
    import aiohttp

LARGEST = 4 << 30
"""Bytes of what ADD may fetch."""

_REDIRECTS = 10
_CHUNK = 256 << 10
_REPORT_EVERY = 4 << 20
_UNNAMED = "__unnamed__"


class Fetcher:
    """Fetches for one build."""

    def __init__(
        self,
        images: Images,
        arrival: Callable[[], Sink],
        run: Path,
        options: Options,
        output: Output,
    ) -> None:
        """``arrival`` makes the place where a pull goes, ``run`` is a folder for what is big."""
        self._images, self._arrival, self.run = images, arrival, run
        self._options, self._output = options, output
        self._files = contextlib.ExitStack()
        self.pulled = False
        """Whether an image had to come from a registry."""

    def close(self) -> None:
        """Give the space of fetched files back."""
        self._files.close()

    async def image(self, name: str, platform: str = "") -> Image:
        """The image of a name or id, pulled if it is not here (or if newer ones are wanted)."""
        wanted = manifest.parse_platform(platform) if platform else None
        image = self._images.find(name)
        if image is not None and not self._options.pull and _fits(image, wanted):
            return image
        if image is not None and names.id_prefix(name) and not image.tags:
            return image  # ids are in no registry
        if wanted is not None and not _ours(wanted):
            raise NotImplementedHere(
                f"The embedded engine builds for this machine only, not for {platform}.",
                "Leave --platform out, or load an image of that platform first.",
            )
        reference = names.parse(name)
        login = self._options.logins.get(reference.domain, Login())
        self.pulled = True
        await Pull(reference, self._arrival(), self._output.record, login, wanted).run()
        return self._images.get(name)

    async def file(self, url: str, target: str) -> Single:
        """What is at an address, as ADD puts it: mode 0600, as old as the server says."""
        async with self.opened(url) as response:
            name = _name(url, response)
            name = "" if name in (".", "..") or "\0" in name else name
            if not name and target.endswith("/"):
                raise BadParameter(
                    f"cannot determine filename for source {url}",
                    "Say the file's name at the target: ADD address /folder/name.",
                )
            file = await self._received(response)
            modified = _modified(response)
        self._output.say("\n")
        return Single(name or _UNNAMED, file, 0o600, modified)

    async def _received(self, response: aiohttp.ClientResponse) -> IO[bytes]:
        file, done, told = self._files.enter_context(new_spool(self.run)), 0, 0
        async for piece in response.content.iter_chunked(_CHUNK):
            done += len(piece)
            if done > LARGEST:
                raise ServerError(f"the file is larger than {LARGEST >> 30} GiB")
            with full_disk():
                file.write(piece)
            if done - told >= _REPORT_EVERY:
                told = done
                self._tell(done, response.content_length or 0)
        self._tell(done, done)
        return file

    def _tell(self, done: int, total: int) -> None:
        detail = {"current": done, "total": total} if total else {"current": done}
        self._output.record({"status": "Downloading", "progressDetail": detail})

    @contextlib.asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer of an address, redirections followed. Raises ServerError."""
        try:
            host = urlsplit(url).hostname or ""
            async with (
                access.session(host) as session,
                session.get(url, max_redirects=_REDIRECTS) as response,
            ):
                if response.status >= 400:
                    raise await _refused(url, response)
                yield response
        except access.connection_errors() as error:
            raise ServerError(f'Get "{url}": {_reason(error)}') from error
        except ValueError as error:
            raise BadParameter(f"invalid address {url[:200]!r}: {error}") from error


async def _refused(url: str, response: aiohttp.ClientResponse) -> ServerError | NotFound:
    said = (await response.content.read(1024)).decode(errors="replace").strip()
    status = f"{response.status} {response.reason}"
    kind = NotFound if response.status == 404 else ServerError
    return kind(f"failed to GET {url} with status {status}: {said}".rstrip(": "))


def _reason(error: Exception) -> str:
    import aiohttp

    if isinstance(error, aiohttp.TooManyRedirects):
        return f"stopped after {_REDIRECTS} redirects"
    if isinstance(error, aiohttp.ClientConnectorError):
        number, text = error.os_error.errno, error.os_error.strerror
        reason = os.strerror(number) if number and number > 0 else text or str(error.os_error)
        return f"dial tcp {error.host}:{error.port}: connect: {reason.lower()}"
    return str(error) or type(error).__name__


def _fits(image: Image, wanted: manifest.Platform | None) -> bool:
    return wanted is None or (image.os, image.architecture) == (wanted.os, wanted.architecture)


def _ours(wanted: manifest.Platform) -> bool:
    here = manifest.this_platform()
    return (here.os, here.architecture) == (wanted.os, wanted.architecture)


def _name(url: str, response: aiohttp.ClientResponse) -> str:
    """The file's name: the last part of the address, or what the server calls it."""
    path = unquote(urlsplit(url).path)
    if path and not path.endswith("/"):
        return path.rpartition("/")[2]
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    return (header.get_filename("") or "").rpartition("/")[2]


def _modified(response: aiohttp.ClientResponse) -> int:
    with contextlib.suppress(ValueError, TypeError):
        when = parsedate_to_datetime(response.headers.get("Last-Modified", ""))
        return int(when.timestamp()) * 10**9
    return 0
