"""One pull: manifest, platform, config, layers; and what ``docker pull`` shows of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from dockerlab.engine.errors import BadParameter, NotFound, ServerError
from dockerlab.engine.registry import access
from dockerlab.engine.registry.access import Login, Missing, Partial, Registry, Settings, digest_of
from dockerlab.errors import FormatError
from dockerlab.formats import manifest
from dockerlab.formats.manifest import Descriptor, Index, Manifest, Platform
from dockerlab.formats.reference import Reference

Progress = Callable[[dict[str, Any]], None]

_TRIES = 5
_PARALLEL = 3
_LARGEST_LAYER = 64 << 30
_PATIENCE = 1.0
"""Seconds; the wait before the n-th new try is n times this."""


class Sink(Protocol):
    """Where a pulled image goes. All calls block and are made in threads."""

    def config(self, id: str) -> bytes | None:
        """The config of an image that is here already, else None."""
        ...

    def has_layer(self, diff_id: str) -> bool:
        """Whether the layer is there; if so it stays until ``done``."""
        ...

    def has_blob(self, digest: str) -> bool: ...
    def partial(self, digest: str) -> Partial: ...
    def add_layer(self, digest: str, diff_id: str) -> None: ...
    def add_image(self, config: bytes, reference: Reference, digest: str) -> bool:
        """Record the image with its names; False if it was there under them before."""
        ...

    def done(self) -> None:
        """The pull is over, well or not."""
        ...


@dataclass
class Pull:
    """One pull; ``run`` does it. ``progress`` gets Docker's own records."""

    reference: Reference
    sink: Sink
    progress: Progress
    login: Login = field(default_factory=Login)
    platform: Platform | None = None
    settings: Settings = field(default_factory=Settings.from_environment)

    async def run(self) -> None:
        """Pull. Raises NotFound (404) and ServerError (500) in Docker's words."""
        wanted = self.reference
        failures: list[Exception] = []
        expected: tuple[type[Exception], ...] = (Missing, ServerError, FormatError)
        expected += access.connection_errors()
        try:
            async with access.session(wanted.domain) as session:
                for base in access.endpoints(wanted, self.settings):
                    registry = Registry(session, base, wanted.path, self.login)
                    try:
                        await self._from(registry)
                        return
                    except expected as error:
                        failures.append(error)
            raise self._explained(failures)
        finally:
            await asyncio.to_thread(self.sink.done)

    async def _from(self, registry: Registry) -> None:
        wanted = self.reference
        raw, kind, digest = await registry.manifest(wanted.digest or wanted.tag)
        shown = wanted.canonical if wanted.digest else wanted.tag
        self._say(f"Pulling from {wanted.path}", shown)
        chosen = await self._manifest(registry, raw, kind)
        config = await asyncio.to_thread(self.sink.config, chosen.config.digest)
        if config is None:
            config = await self._content(registry, chosen)
        new = await asyncio.to_thread(self.sink.add_image, config, wanted, digest)
        self._say(f"Digest: {digest}")
        what = "Downloaded newer image for" if new else "Image is up to date for"
        self._say(f"Status: {what} {wanted.familiar}")

    async def _content(self, registry: Registry, chosen: Manifest) -> bytes:
        """Fetch config and layers; returns the config."""
        config = await self._config(registry, chosen.config)
        diff_ids = list(manifest.parse_config(config)["rootfs"].get("diff_ids") or [])
        if len(diff_ids) != len(chosen.layers):
            raise ServerError("the image's config and manifest speak of different layers")
        await self._layers(registry, chosen.layers, diff_ids)
        return config

    async def _manifest(self, registry: Registry, raw: bytes, kind: str) -> Manifest:
        found = manifest.parse(raw, kind)
        for _ in range(3):
            if isinstance(found, Manifest):
                return found
            assert isinstance(found, Index)
            entry = manifest.choose(found, self.platform or manifest.this_platform())
            raw, kind, _ = await registry.manifest(entry.digest)
            found = manifest.parse(raw, kind)
        raise ServerError("the image's index is nested too deep")

    async def _config(self, registry: Registry, descriptor: Descriptor) -> bytes:
        if descriptor.size > manifest.LARGEST_JSON:
            raise ServerError("the image's config is larger than 8 MiB")
        memory = _Memory()
        await registry.blob(descriptor, memory, lambda _: None)
        if digest_of(memory.data) != descriptor.digest:
            raise ServerError(f"image config verification failed for digest {descriptor.digest}")
        return memory.data

    async def _layers(
        self, registry: Registry, layers: Sequence[Descriptor], diff_ids: Sequence[str]
    ) -> None:
        if any(layer.size > _LARGEST_LAYER for layer in layers):
            raise ServerError("the image has a layer larger than 64 GiB")
        slots = asyncio.Semaphore(_PARALLEL)
        missing: list[tuple[Descriptor, str]] = []
        for layer, diff_id in zip(layers, diff_ids, strict=True):
            here = await asyncio.to_thread(self.sink.has_layer, diff_id)
            self._say("Already exists" if here else "Pulling fs layer", _short(layer.digest))
            if not here:
                missing.append((layer, diff_id))
        fetched = [
            asyncio.ensure_future(self._fetch(registry, slots, layer)) for layer, _ in missing
        ]
        try:
            # Unpacked in order, lowest first, each as soon as it and those below are there.
            for (layer, diff_id), arrival in zip(missing, fetched, strict=True):
                await arrival
                self._say("Extracting", _short(layer.digest), layer.size, layer.size)
                await asyncio.to_thread(self.sink.add_layer, layer.digest, diff_id)
                self._say("Pull complete", _short(layer.digest))
        finally:
            for task in fetched:
                task.cancel()
            await asyncio.gather(*fetched, return_exceptions=True)

    async def _fetch(self, registry: Registry, slots: asyncio.Semaphore, layer: Descriptor) -> None:
        """Bring a layer's blob into the store."""
        async with slots:
            if not await asyncio.to_thread(self.sink.has_blob, layer.digest):
                await self._download(registry, layer, _short(layer.digest))
        self._say("Download complete", _short(layer.digest))

    async def _download(self, registry: Registry, layer: Descriptor, short: str) -> None:
        said = 0

        def told(done: int) -> None:
            nonlocal said
            if done - said >= max(layer.size // 50, 128 << 10) or done == layer.size:
                said = done
                self._say("Downloading", short, done, layer.size)

        for attempt in range(1, _TRIES + 1):
            try:
                await self._try(registry, layer, short, told)
                return
            except BadParameter as error:  # the digest is wrong
                raise ServerError(error.message, error.hint) from error
            except access.connection_errors():
                if attempt == _TRIES:
                    raise
                wait = attempt * _PATIENCE
                self._say(f"Retrying in {wait:.0f} second{'s' if wait > 1 else ''}", short)
                await asyncio.sleep(wait)

    async def _try(
        self,
        registry: Registry,
        layer: Descriptor,
        short: str,
        told: Callable[[int], None],
    ) -> None:
        partial = await asyncio.to_thread(self.sink.partial, layer.digest)
        try:
            await registry.blob(layer, partial, told)
        except BaseException:
            await asyncio.to_thread(partial.abandon)
            raise
        self._say("Verifying Checksum", short)
        await asyncio.to_thread(partial.commit)

    def _say(self, status: str, id: str = "", current: int = 0, total: int = 0) -> None:
        record: dict[str, Any] = {"status": status}
        if id:
            detail = {"current": current, "total": total} if total else {}
            record |= {"progressDetail": detail, "id": id}
            if status.startswith("Pulling from"):
                del record["progressDetail"]
            if total:
                record["progress"] = progress_bar(current, total)
        self.progress(record)

    def _explained(self, failures: Sequence[Exception]) -> Exception:
        """The one error to show: of those that answered, else the last."""
        name = self.reference
        for error in failures:
            if isinstance(error, Missing) and error.code == "NAME_UNKNOWN":
                return NotFound(f"repository {name.repository} not found: name unknown: {error}")
            if isinstance(error, Missing) and error.status == 404:
                what = error.message or "manifest unknown"
                return NotFound(f"manifest for {name.familiar} not found: manifest unknown: {what}")
        for error in failures:
            if isinstance(error, Missing):
                return NotFound(
                    f"pull access denied for {name.repository}, repository does not exist or may "
                    "require 'docker login': denied: requested access to the resource is denied"
                )
        last = failures[-1]
        if isinstance(last, (ServerError, FormatError)):
            return last if isinstance(last, ServerError) else NotFound(last.message, last.hint)
        where = access.endpoints(name, self.settings)[-1]
        return ServerError(
            f'Get "{where}/v2/": {str(last) or type(last).__name__}',
            f"The registry {urlsplit(where).netloc} cannot be reached from here. "
            "Is there a network? A mirror can be named in DOCKERLAB_REGISTRY_MIRRORS.",
        )


class _Memory:
    """A Partial in memory, for configs."""

    def __init__(self) -> None:
        self.data = b""

    @property
    def size(self) -> int:
        return len(self.data)

    def write(self, data: bytes) -> None:
        self.data += data

    def restart(self) -> None:
        self.data = b""

    def commit(self) -> None:
        return None

    def abandon(self) -> None:
        return None


def _short(digest: str) -> str:
    return digest[7:19]


def progress_bar(current: int, total: int) -> str:
    """``[=====>    ]  1.2MB/4MB``, as old clients print it."""
    done = min(50, 50 * current // max(total, 1))
    bar = "=" * done + (">" if done < 50 else "")
    return f"[{bar:<50}] {_size(current):>8}/{_size(total)}"


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.4g}{unit}"
        number /= 1000
    return f"{number:.4g}GB"
