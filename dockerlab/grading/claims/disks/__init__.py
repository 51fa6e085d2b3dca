"""Claims of what is kept: files of a folder, of a container or an image, volumes and binds."""

from __future__ import annotations

from dockerlab.grading.claims.disks.binds import bind
from dockerlab.grading.claims.disks.files import context, file
from dockerlab.grading.claims.disks.volumes import data, volume

__all__ = ["bind", "context", "data", "file", "volume"]
