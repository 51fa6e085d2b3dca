"""Sign the course's own notebooks, so that Jupyter shows the pictures that are stored in them.

Jupyter shows no drawing and no style of a notebook that was made elsewhere, until its cells are
run here. ``dockerlab lab`` signs them, and so does a session of Binder's or of a JupyterHub's when
it begins: ``python -m dockerlab.cli.trust`` in the course's folder. Only the pages that came with
this program are signed, by name: whoever could change those could change the program as well.
Others in the same folder stay what they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dockerlab.course.items import CHAPTERS

START_PAGE = "notebooks/index.ipynb"


def sign(folder: Path) -> int:
    """Sign the pages below the course's ``folder``; returns how many there were."""
    from nbformat import read  # a third of a second
    from nbformat.sign import NotebookNotary

    pages = [page for page in own_pages(folder) if page.is_file()]
    notary: Any = NotebookNotary()  # type: ignore[no-untyped-call]
    for page in pages:
        notary.sign(read(page, as_version=4))  # type: ignore[no-untyped-call]
    return len(pages)


def own_pages(folder: Path) -> list[Path]:
    """The start page and the chapters in both languages."""
    names = [f"{lang}/{chapter.notebook}" for lang in ("en", "ko") for chapter in CHAPTERS]
    return [folder / START_PAGE, *(folder / "notebooks" / name for name in names)]


if __name__ == "__main__":
    sign(Path.cwd())
