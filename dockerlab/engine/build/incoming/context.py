"""The context of a build with its Dockerfile, whichever way it came."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from dockerlab.engine.build.files.context import TarTree
from dockerlab.engine.build.files.tree import meant, read
from dockerlab.engine.errors import ServerError
from dockerlab.formats.ignorefile import Ignore

_IGNORE = ".dockerignore"
LARGEST = 16 << 20
"""Bytes of a Dockerfile that are looked at; the parser refuses it long before."""


@dataclass(frozen=True, slots=True)
class Context:
    """What COPY reads, and the text of the Dockerfile."""

    tree: TarTree
    dockerfile: bytes

    def close(self) -> None:
        """Give back the space that it takes."""
        self.tree.close()


def of(tree: TarTree, dockerfile: str) -> Context:
    """Find the Dockerfile in what came. Raises ServerError, as Docker does.

    .dockerignore is the client's business, who leaves the files out that it names. Only for
    Dockerfile and .dockerignore themselves, which must be sent to be read, it is done here.
    """
    path = _path(tree, dockerfile)
    text = read(tree, path, LARGEST)
    ignored = Ignore.read(read(tree, _IGNORE)) if tree.entry(_IGNORE) else None
    gone = [p for p in (path, _IGNORE) if ignored is not None and ignored.matches(p)]
    return Context(tree.without(gone), text)


def _path(tree: TarTree, dockerfile: str) -> str:
    path = posixpath.normpath(dockerfile.lstrip("/"))
    choices = [path, path.lower()] if path == "Dockerfile" else [path]
    for choice in choices:
        entry = None if choice.startswith("..") else meant(tree, choice)
        if entry is not None and entry.is_file:
            return choice
    raise ServerError(
        f"Cannot locate specified Dockerfile: {dockerfile}",
        "It has to be in the folder of the build; another name is given with -f.",
    )
