"""Where a container's first process and the grader find each other: a folder that both see."""

from __future__ import annotations

import contextlib
import select
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_LOG_END = 2000
_LOOK_EVERY = 0.5


class Meeting:
    """``folder`` is for the container; what its first process prints goes to ``log`` there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(folder / "socket"))
        self._listener.listen(2)

    def meet(self, lives: Callable[[], bool], seconds: float) -> socket.socket:
        """The next connection. Raises TimeoutError, and EOFError when nobody ``lives`` any more."""
        end = time.monotonic() + seconds
        while not select.select([self._listener], [], [], _LOOK_EVERY)[0]:
            if not lives():
                raise EOFError(f"its container has ended. {self._said()}".strip())
            if time.monotonic() > end:
                raise TimeoutError("nothing comes out of its container")
        return self._listener.accept()[0]

    def _said(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "log").read_text(errors="replace")[-_LOG_END:]
        return ""

    def close(self) -> None:
        self._listener.close()


@contextlib.contextmanager
def meeting() -> Iterator[Meeting]:
    """It is over, and its folder gone, once both have what they want."""
    folder = Path(tempfile.mkdtemp(prefix="dockerlab-box-"))
    try:
        with contextlib.closing(Meeting(folder)) as place:
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)
