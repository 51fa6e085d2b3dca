"""A notebook's cells, run as a notebook runs them, in a process of their own each time.

The processes are forked from one that has imported what every notebook imports, so that a run
costs its cells and little more.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("IPython.core.interactiveshell", "IPython.core.magics.extension", "docker"),
        *("dockerlab.client.lab", "dockerlab.magics.magic", "dockerlab.magics.completion"),
        *("dockerlab.magics.cells", "dockerlab.views.gallery"),
    ]
)


@dataclass(frozen=True)
class Ran:
    """What came of some cells: all they printed, and the numbers of those that raised.

    ``ended``: not stopped, because they took too long, and not dead.
    """

    output: str
    raised: tuple[int, ...]
    ended: bool = True


def run_cells(
    cells: Sequence[str], folder: Path, environment: Mapping[str, str], *, seconds: float = 300
) -> Ran:
    """Run cells one after the other in ``folder``, also after one that raised."""
    with TemporaryDirectory(prefix="dltest-cells-") as made:
        output, raised = Path(made) / "output", Path(made) / "raised"
        process = _FORKS.Process(
            target=_main, args=(list(cells), folder, dict(environment), output, raised)
        )
        process.start()
        process.join(seconds)
        ended = process.exitcode == 0
        with contextlib.suppress(ProcessLookupError, TypeError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        numbers = raised.read_text().split() if raised.exists() else ()
        return Ran(output.read_text(errors="replace"), tuple(map(int, numbers)), ended)


def _main(
    cells: list[str], folder: Path, environment: dict[str, str], output: Path, raised: Path
) -> None:
    os.setsid()
    os.umask(0)  # containers write into the folder too, and are not always root there
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with _printing_to(output):
        numbers = _run(cells)
    raised.write_text(" ".join(map(str, numbers)))


@contextlib.contextmanager
def _printing_to(path: Path) -> Iterator[None]:
    """Whatever this process and its children print goes to a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
    try:
        yield
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()


def _run(cells: Sequence[str]) -> list[int]:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    quiet = Config(
        {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}
    )
    shell = InteractiveShell.instance(config=quiet)
    return [
        number
        for number, cell in enumerate(cells, 1)
        if not shell.run_cell(cell, store_history=True).success
    ]
