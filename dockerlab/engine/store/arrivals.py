"""Where a pulled image arrives: the store's side of ``registry.pull.Sink``."""

from __future__ import annotations

import secrets

from dockerlab.engine.store.blobs import Blobs, Writer
from dockerlab.engine.store.images import Images
from dockerlab.engine.store.layers import Layers
from dockerlab.formats.manifest import parse_config
from dockerlab.formats.reference import Reference


class Arrival:
    """One pull. Its layers are retained until ``done``, so that nothing removes them meanwhile."""

    def __init__(self, blobs: Blobs, layers: Layers, images: Images) -> None:
        self._blobs, self._layers, self._images = blobs, layers, images
        self._owner = f"pull-{secrets.token_hex(8)}"

    def config(self, id: str) -> bytes | None:
        image = self._images.find(id)
        if image is None:
            return None
        self._layers.retain(self._owner, image.layers)
        return self._blobs.read(image.id)

    def has_layer(self, diff_id: str) -> bool:
        layer = self._layers.find(diff_id)
        if layer is None:
            return False
        self._layers.retain(self._owner, [layer])
        return True

    def has_blob(self, digest: str) -> bool:
        return self._blobs.has(digest)

    def partial(self, digest: str) -> Writer:
        return self._blobs.writer(digest, resume=True)

    def add_layer(self, digest: str, diff_id: str) -> None:
        self._layers.add_blob(digest, self._owner, diff_id)

    def add_image(self, config: bytes, reference: Reference, digest: str) -> bool:
        diff_ids = parse_config(config)["rootfs"].get("diff_ids") or ()
        image = self._images.add(config, [self._layers.get(diff_id) for diff_id in diff_ids])
        return self._images.pulled(image, reference, digest)

    def done(self) -> None:
        self._layers.release(self._owner)
