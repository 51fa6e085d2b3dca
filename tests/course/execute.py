"""Run the notebooks on the connected engine and store what they give (``make notebooks``).

Each Korean text gets the hash of the English one it renders, so that a stale one is found. Of a
picture that was live its still form is kept: nobody else has the kernel behind it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from books import EDITIONS, NAMES, NOTEBOOKS, START, facts, source_hash
from nbclient import NotebookClient
from nbformat import NotebookNode, from_dict

from dockerlab.views.saved import keep_pictures

KEPT_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path: Path) -> None:
    """Run one notebook from a clean kernel and write it back with its outputs."""
    book = nbformat.read(path, as_version=4)
    run(book, path.parent, NOTEBOOKS.parent)
    nbformat.write(book, path)


def run(book: NotebookNode, folder: Path, place: Path) -> None:
    """Run a notebook in ``folder``; its outputs then say /course where they said ``place``."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=180, kernel_name="python3", resources=resources).execute()
    keep_pictures(book)
    forget_the_place(book, place)
    book.metadata.clear()
    book.metadata.update(KEPT_METADATA)
    for cell in book.cells:
        cell.metadata.pop("execution", None)


def forget_the_place(book: NotebookNode, place: Path) -> None:
    """Take this machine's path out of what pictures and commands say about files of the host."""
    here, anywhere = json.dumps(str(place))[1:-1], "/course"
    for cell in book.cells:
        for number, output in enumerate(cell.get("outputs", [])):
            cell.outputs[number] = from_dict(json.loads(json.dumps(output).replace(here, anywhere)))


def mark_rendered(name: str) -> None:
    """Note in each Korean text which English text it renders."""
    english = {c.id: c.source for c in nbformat.read(NOTEBOOKS / "en" / name, as_version=4).cells}
    path = NOTEBOOKS / "ko" / name
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "markdown" and cell.id in english:
            cell.metadata["dockerlab"] = {**facts(cell), "renders": source_hash(english[cell.id])}
    nbformat.write(book, path)


def wanted(name: str) -> bool:
    """Whether a word on the command line is in this name; without any, all are wanted."""
    return not sys.argv[1:] or any(word in name for word in sys.argv[1:])


def main() -> None:
    os.environ["DOCKERLAB_QUIET"] = "1"  # a line about the time that a build took is never the same
    if wanted(START):
        with tempfile.TemporaryDirectory() as nobody:
            # The start page shows one's progress and language: the stored one is a newcomer's.
            os.environ["DOCKERLAB_STATE"] = nobody
            execute(NOTEBOOKS / START)
    for name in filter(wanted, NAMES):
        for edition in EDITIONS:
            print(f"{edition}/{name} …", flush=True)
            execute(NOTEBOOKS / edition / name)
        mark_rendered(name)


if __name__ == "__main__":
    main()
