"""Where the text of compose files, env files and the like comes from."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

MOST_BYTES = 1024 * 1024
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


class Reader(Protocol):
    """Reads texts by absolute path."""

    def here(self) -> str:
        """The folder that relative paths of the command line are counted from."""
        ...

    def read(self, path: str) -> str:
        """The text of a file. OSError when there is none, ValueError when it is not a text."""
        ...

    def is_file(self, path: str) -> bool: ...

    def is_folder(self, path: str) -> bool: ...


class Disk:
    """Reads from this machine's disk: ordinary files of at most ``MOST_BYTES``."""

    def here(self) -> str:
        return os.getcwd()

    def read(self, path: str) -> str:
        # A named pipe would wait for a writer for ever, a device might never end.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ValueError("is not an ordinary file")
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(f"is larger than {MOST_BYTES // 1024} KiB")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise ValueError("is not UTF-8 text") from None

    def is_file(self, path: str) -> bool:
        return os.path.isfile(path)

    def is_folder(self, path: str) -> bool:
        return os.path.isdir(path)


class Overlay:
    """Texts that are given by path, in front of another reader: a cell, for example."""

    def __init__(self, texts: Mapping[str, str], below: Reader | None = None) -> None:
        self.texts = dict(texts)
        self.below: Reader = below or Disk()

    def here(self) -> str:
        return self.below.here()

    def read(self, path: str) -> str:
        return self.texts[path] if path in self.texts else self.below.read(path)

    def is_file(self, path: str) -> bool:
        return path in self.texts or self.below.is_file(path)

    def is_folder(self, path: str) -> bool:
        return path not in self.texts and self.below.is_folder(path)


def find(directory: str | Path, reader: Reader | None = None) -> list[Path]:
    """The compose file of a folder or of the nearest folder above that has one, and its override.

    Empty when there is none.
    """
    reader = reader or Disk()
    start = Path(os.path.normpath(os.path.join(reader.here(), directory)))
    for folder in (start, *start.parents):
        if chosen := present(folder, NAMES, reader):
            return [chosen[0], *present(folder, OVERRIDES, reader)[:1]]
    return []


def present(folder: Path, names: Sequence[str], reader: Reader) -> list[Path]:
    return [folder / name for name in names if reader.is_file(str(folder / name))]
