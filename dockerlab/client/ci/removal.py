"""Taking a CI away: whoever made it need not be there any more."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import time
from pathlib import Path

from dockerlab.client.ci.folder import Folder
from dockerlab.client.ci.process import END_SECONDS


def remove(folder: Folder) -> None:
    """Cancel what runs, and remove repository, settings and runs: nothing is left."""
    for number in folder.numbers():
        _cancel(folder, number)
    shutil.rmtree(folder.root, ignore_errors=True)


def engine_of(folder: Folder) -> str:
    """The address of the engine that a CI's jobs use, as its hook has it; empty if it has none."""
    try:
        words = shlex.split((folder.repository / "hooks" / "post-receive").read_text(), True)
        return words[words.index("--engine") + 1]
    except (OSError, ValueError, IndexError):
        return ""


def of_engine(base: Path, engine: str) -> list[Folder]:
    """The CIs below ``base`` whose jobs use this engine."""
    found = [Folder(path) for path in sorted(base.glob("*")) if path.is_dir()]
    return [folder for folder in found if engine_of(folder) == engine]


def _cancel(folder: Folder, number: int) -> None:
    end = time.monotonic() + END_SECONDS
    while pid := folder.pid(number):
        late = time.monotonic() > end
        if late or not _over(folder, number):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.1)


def _over(folder: Folder, number: int) -> bool:
    run = folder.read(number)
    return run is not None and run.status.over
