"""Answers of an exercise as cells, in the percent format.

Cells are parted by lines ``# %%``; a cell may begin with a magic, as in a notebook.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"# %%.*")


def split_cells(text: str) -> tuple[str, ...]:
    """The cells of a file, empty ones left out.

    >>> split_cells("# %%\\n%docker ps\\n\\n# %%\\n1 + 1\\n")
    ('%docker ps', '1 + 1')
    """
    cells: list[list[str]] = [[]]
    for line in text.splitlines():
        if _MARK.fullmatch(line):
            cells.append([])
        else:
            cells[-1].append(line)
    joined = ("\n".join(cell).strip("\n") for cell in cells)
    return tuple(cell for cell in joined if cell.strip())
