"""The ports that a notebook publishes on this machine: held by one notebook at a time, whichever
process runs it and on whichever engine."""

from __future__ import annotations

import fcntl
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nbformat

PUBLISHED = re.compile(r"(?:-p |\")(?:[\d.]+:)?(\d{4,5}):\d+")
APPS = Path(__file__).resolve().parents[2] / "notebooks" / "apps"


def doors(path: Path) -> list[int]:
    """Host ports that a notebook's cells, and the apps that they copy, publish; in order."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for app in APPS.iterdir():
        if f'copy("{app.name}")' in text:
            text += "".join(file.read_text() for file in app.glob("compose.y*ml"))
    return sorted({int(port) for port in PUBLISHED.findall(text)})


@contextmanager
def held(ports: list[int]) -> Iterator[None]:
    """Wait until nobody else has one of these ports, and have them."""
    folder = Path(tempfile.gettempdir()) / "dltest-doors"
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack:
        for port in ports:
            file = stack.enter_context((folder / str(port)).open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)  # gone with the file, however the process ends
        yield
