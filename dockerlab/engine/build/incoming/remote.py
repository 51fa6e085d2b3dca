"""``docker build http://…``: the context, or only a Dockerfile, from an address."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import IO

from dockerlab.engine.build.files.context import TarTree
from dockerlab.engine.build.files.copying import unpacked
from dockerlab.engine.build.files.spool import spool as new_spool
from dockerlab.engine.build.incoming import context as contexts
from dockerlab.engine.build.incoming.context import Context
from dockerlab.engine.build.incoming.fetching import LARGEST, Fetcher
from dockerlab.engine.build.options import Options
from dockerlab.engine.errors import NotFound, ServerError
from dockerlab.engine.store.files import full_disk
from dockerlab.engine.threads import to_its_end

_CHUNK = 256 << 10


async def fetch(fetcher: Fetcher, address: str, run: Path, options: Options) -> Context:
    """The context at an address; ``run`` is a folder for what is big. Raises ServerError."""
    spool = new_spool(run)
    try:
        async with fetcher.opened(address) as response:
            text = response.content_type == "text/plain"
            total = 0
            async for piece in response.content.iter_chunked(_CHUNK):
                total += len(piece)
                if total > LARGEST:
                    raise ServerError(f"it is larger than {LARGEST >> 30} GiB")
                with full_disk():
                    spool.write(piece)
    except (ServerError, NotFound) as error:
        message = f"error downloading remote context {address}: {error.message}"
        raise type(error)(message, error.hint) from error
    spool.seek(0)
    return await to_its_end(_context, spool, text, run, options)


def _context(spool: IO[bytes], text: bool, run: Path, options: Options) -> Context:
    start = spool.read(512)
    spool.seek(0)
    if text or not _is_archive(start):
        return contexts.of(TarTree.read(_alone(spool.read(contexts.LARGEST))), "Dockerfile")
    return contexts.of(TarTree.read(unpacked(spool, new_spool(run))), options.dockerfile)


def _is_archive(start: bytes) -> bool:
    return start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")) or start[257:262] == b"ustar"


def _alone(dockerfile: bytes) -> IO[bytes]:
    """A context that holds nothing but the Dockerfile."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile)
        archive.addfile(member, io.BytesIO(dockerfile))
    file.seek(0)
    return file
