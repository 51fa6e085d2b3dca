"""An image's layers, read through ``docker save``: the one way that every engine offers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from dockerlab.client.images import saved
from dockerlab.formats.layers import LayerStack, stacked
from dockerlab.formats.savedimage import read

KEPT = 8
"""Images whose layers are remembered; an image's id changes with its content, so none is stale."""

_read: OrderedDict[str, LayerStack] = OrderedDict()


def layers(api: Any, image: str, name: str = "") -> LayerStack:
    """The layers of an image with their files; takes about a second for 150 MB, once.

    ``name`` is what to call it, if not what it was asked for by.
    """
    id = str(api.inspect_image(image)["Id"])
    stack = _read.get(id)
    if stack is None:
        # Asked for by its id: the name may mean another image by now.
        whole = read(saved(api, [id]))
        stack = stacked(image, id, whole.config.get("history") or (), whole.trees)
        _read[id] = stack
        while len(_read) > KEPT:
            _read.popitem(last=False)
    _read.move_to_end(id)
    return replace(stack, name=name or image)
