"""``Kept``: what operations and tending see of the environment that they work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Protocol

from dockerlab.cloud.beanstalk.environment.journal import Journal
from dockerlab.cloud.beanstalk.fleet.fleet import Fleet
from dockerlab.cloud.beanstalk.fleet.image import Job
from dockerlab.cloud.beanstalk.fleet.instances import Release
from dockerlab.cloud.beanstalk.options import Settings

Source = Callable[[], BinaryIO]
"""Opens a version's bundle."""


class Kept(Protocol):
    """An environment; its ``Controller`` is one."""

    name: str
    status: str
    version: str
    """The one that runs; empty while none does."""
    settings: Settings
    release: Release | None
    wanted: int
    """How many instances there shall be."""
    fleet: Fleet
    journal: Journal

    def use(self, settings: Settings) -> None:
        """Have these settings from now on."""

    def settle(self) -> None:
        """Ready, unless somebody wants its end by now."""

    def job(self, version: str, source: Source) -> Job:
        """Begin to make a version's image."""
