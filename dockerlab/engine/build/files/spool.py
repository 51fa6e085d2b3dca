"""Room for what is being read: in memory while it is small, else in a file without a name.

Nothing has to be cleared afterwards, not even when the engine is killed.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, cast

_IN_MEMORY = 4 << 20


def spool(folder: Path) -> IO[bytes]:
    """An empty file to write and read; ``folder`` is where it goes when it grows."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=os.fspath(folder))  # noqa: SIM115
    return cast("IO[bytes]", file)
