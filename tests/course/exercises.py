"""Assemble ``exercises/source``, run it, and release it (``make exercises``).

    python tests/course/exercises.py [chapter2 …]

Everything in source/ and release/ comes from exercises/bank. The notebooks run in a copy of their
folder: what solutions write must not get into what is released.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from books import EDITIONS
from execute import run
from releases import EXERCISES, course, release

import dockerlab
from dockerlab.course.tidy import tidy
from dockerlab.grading.assembling import assemble, name
from dockerlab.grading.bank import Bank

SOURCE, RELEASE = EXERCISES / "source", EXERCISES / "release"


def chapters(bank: Bank) -> list[int]:
    return sorted({bank.get(id).chapter for id in bank.ids()})


def put(bank: Bank, chapter: int, lang: str, folder: Path) -> Path:
    """Write an assignment's files into ``folder``; gives its notebook's path."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for id in bank.ids(chapter):
        if bank.get(id).starter.is_dir():
            shutil.copytree(bank.get(id).starter, folder / id)
    path = folder / f"{name(chapter, lang)}.ipynb"
    nbformat.write(nbformat.from_dict(assemble(bank, chapter, lang)), path)
    return path


def execute(path: Path, chapter: int) -> None:
    """Run a notebook in a copy of its folder, on an engine without what it makes.

    Its builds find nothing in the cache, either: untagged images are removed.
    """
    lab = dockerlab.connect(quiet=True)
    book = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as made:
        folder = Path(made) / path.parent.name
        shutil.copytree(path.parent, folder)
        tidy(lab, f"ex{chapter}")
        lab.api.prune_images({"dangling": True})
        try:
            run(book, folder, folder.parent)
        finally:
            tidy(lab, f"ex{chapter}")
    nbformat.write(book, path)


def wanted(bank: Bank) -> Iterator[tuple[int, str]]:
    """Chapters and editions that were asked for; without any word, all."""
    for chapter in chapters(bank):
        for lang in EDITIONS:
            if not sys.argv[1:] or any(word in name(chapter, lang) for word in sys.argv[1:]):
                yield chapter, lang


def main() -> None:
    bank = Bank(EXERCISES)
    names = []
    for chapter, lang in wanted(bank):
        names.append(name(chapter, lang))
        print(f"{names[-1]} …", flush=True)
        execute(put(bank, chapter, lang, SOURCE / names[-1]), chapter)
    with TemporaryDirectory() as made:
        released = release(course(Path(made) / "course", names), names)
        for each in names:
            shutil.rmtree(RELEASE / each, ignore_errors=True)
            shutil.copytree(released / each, RELEASE / each)


if __name__ == "__main__":
    main()
