"""What was answered in a quiz's widget, where only the notebook is handed in.

The answers are in a file beside it then, and in the metadata of what ``check`` showed; what a cell
says counts more, as it is run after that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dockerlab.grading.bench import ANSWERS, LARGEST_FILE
from dockerlab.grading.learner.notice import KEPT

_CHECK = re.compile(r"""\s*check\(\s*["']([\w-]+)["']\s*\)\s*""")


def answer_files(cells: object) -> dict[str, bytes]:
    """The files of answers by their names beside the notebook; of cells that may be anything."""
    found: dict[str, bytes] = {}
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict) and (check := _CHECK.fullmatch(_source(cell))):
            for answers in _answers(cell):
                found[f"{check[1]}/{ANSWERS}"] = answers
    return found


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _answers(cell: Mapping[str, Any]) -> Iterator[bytes]:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        metadata = output.get("metadata") if isinstance(output, dict) else None
        kept = metadata.get(KEPT) if isinstance(metadata, dict) else None
        if isinstance(kept, dict) and kept:
            text = json.dumps(kept).encode()  # what JSON could be read can be written
            if len(text) <= LARGEST_FILE:
                yield text
