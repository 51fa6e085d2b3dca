"""A course of two small exercises, and a class that hands in whatever there is to hand in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from dockerlab.grading.assembling import assemble, name
from dockerlab.grading.bank import Bank
from dockerlab.views.words import Language

DATA = Path(__file__).parent / "data" / "classroom"
NOTE, BOX = "leave-a-note", "start-a-box"
IMAGES = ("busybox",)
WROTE = "%%file note.txt\nhello\n"
STARTED = "%docker run -d --name ex1-box busybox sleep 600"
Json = dict[str, Any]


def make_course(folder: Path) -> Bank:
    """``folder`` as the course's ``exercises/``."""
    shutil.copytree(DATA / "bank", folder / "bank")
    bank = Bank(folder)
    editions: tuple[Language, Language] = ("en", "ko")
    for lang in editions:
        place = folder / "source" / name(1, lang)
        place.mkdir(parents=True)
        (place / f"{place.name}.ipynb").write_text(json.dumps(assemble(bank, 1, lang)))
    return bank


def answered(bank: Bank, note: str = "", box: str = "", *, lang: Language = "en") -> Json:
    """The notebook as a student has it, with these answers in it."""
    notebook = assemble(bank, 1, lang)
    answers = {f"{NOTE}-answer-1": note, f"{BOX}-answer-1": box}
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    return notebook


def cell_of(notebook: Json, id: str) -> Json:
    found: Json = next(cell for cell in notebook["cells"] if cell["id"] == id)
    return found


def hand_in(folder: Path, student: str, notebook: Json | bytes | str) -> Path:
    """As nbgrader collects it."""
    place = folder / student / "chapter1"
    place.mkdir(parents=True)
    file = place / "chapter1.ipynb"
    if isinstance(notebook, bytes):
        file.write_bytes(notebook)
    else:
        file.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook))
    return place
