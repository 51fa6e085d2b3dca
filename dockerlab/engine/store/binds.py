"""Which folders of the host may be mounted into containers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockerlab.engine.errors import Forbidden
from dockerlab.engine.store import beneath


@dataclass(frozen=True, slots=True)
class Binds:
    """``folders``: only what is in or below them; None: anything."""

    folders: tuple[str, ...] | None = None
    own: str = ""
    """The engine's folder of volumes, which always may be."""

    @property
    def beneath(self) -> tuple[str, ...]:
        """Where every mount must come from; nothing: from anywhere."""
        return () if self.folders is None else (*self.folders, self.own)

    def check(self, source: str) -> None:
        """Raises Forbidden when a folder may not be mounted."""
        if self.folders is not None and not beneath.is_beneath(source, self.folders):
            raise Forbidden(f"mounts denied: the path {source} is not shared", self._allowed)

    @property
    def _allowed(self) -> str:
        return f"This engine mounts {_listed(self.folders or ())}."


def _listed(folders: Sequence[str]) -> str:
    return f"what is below {', '.join(folders)} only" if folders else "no folders of the host"


ANYTHING = Binds()
