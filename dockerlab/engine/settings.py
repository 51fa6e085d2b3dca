"""What a whole engine has and may do, as whoever starts it says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dockerlab.engine.errors import ServerError


def identity(root: Path) -> str:
    """The ID of the engine of this folder as Docker writes one: twelve groups of four."""
    digest = hashlib.sha256(str(root).encode()).hexdigest().upper()[:48]
    return ":".join(digest[start : start + 4] for start in range(0, 48, 4))


@dataclass(frozen=True, slots=True)
class Settings:
    """An engine for a learner has all defaults; a grader's has its images and its walls."""

    images: Path | None = None
    """The folder of another engine, whose images this one has too (see ``store/images.py``)."""
    binds: tuple[str, ...] | None = None
    """Folders from below which bind mounts may come; None: from anywhere."""
    uplink: bool = True
    """Whether anything may leave this machine."""
    containers: int = 0
    """How many containers there may be at a time; 0: any number."""

    def check(self) -> None:
        """Raises ServerError if the images cannot be read."""
        if self.images is None:
            return
        try:
            for name in ("images", "layers", "blobs"):
                next((self.images / name).iterdir(), None)
        except OSError as error:
            raise ServerError(
                f"--images {self.images}: {error.filename}: {error.strerror}",
                "It takes the folder of another embedded engine (its --root), readable from here.",
            ) from None
