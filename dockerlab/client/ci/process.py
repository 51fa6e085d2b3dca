"""The CI's process for a run that a cell asks for: started, listened to, interrupted with it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from dockerlab.client.ci.folder import Folder, mark
from dockerlab.client.ci.following import Following
from dockerlab.client.ci.hook import environment
from dockerlab.formats.pipeline.run import Run

END_SECONDS = 30.0
"""How long it may take to end what runs, once it is asked to."""
_KEPT = 100_000


class CiProcess:
    """``number`` is that of the run which this process has begun, 0 before it has."""

    def __init__(self, folder: Folder, words: Sequence[str]) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment(),
            start_new_session=True,
        )
        self._mark = mark(self._process.pid)

    @property
    def number(self) -> int:
        numbers = self._folder.numbers()
        return next((n for n in numbers if self._folder.process(n) == self._mark), 0)

    def listen(self, *, quiet: bool) -> str:
        """The end of what it prints, shown as it comes; an interrupt is passed on to it."""
        assert self._process.stdout is not None
        said = ""
        try:
            for line in self._process.stdout:
                said = (said + line)[-_KEPT:]
                if not quiet:
                    sys.stdout.write(line)
                    sys.stdout.flush()
            self._process.wait()
        finally:
            self._end()
        return said

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @contextlib.contextmanager
    def telling(self, progress: Callable[[Run], object] | None) -> Iterator[None]:
        """Give each new record of its run to ``progress``, in a thread, up to the last."""
        if progress is None:
            yield
            return
        following = Following(
            self._folder, lambda: self.number, waits=lambda: self._process.poll() is None
        )
        thread = threading.Thread(target=_tell, args=(following, progress), daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join(END_SECONDS)


def _tell(following: Following, progress: Callable[[Run], object]) -> None:
    for run in following:
        progress(run)
