"""What a running cloud tells, in its folder, those who look for it. Only its owner can read it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

FILE = "cloud.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A cloud that answers; ``key`` and ``secret`` are root's."""

    pid: int
    endpoint: str
    engine: str
    """The address of the engine that it deploys to."""
    region: str
    key: str
    secret: str

    def text(self) -> str:
        """As it is in the file."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def __repr__(self) -> str:
        """Without the secret: it would be in a log soon."""
        return f"Running(pid={self.pid}, endpoint={self.endpoint!r}, engine={self.engine!r})"


def read(text: str) -> Running | None:
    """What a file says; None when it is not such a file."""
    try:
        found = json.loads(text)
        return Running(**{field.name: found[field.name] for field in fields(Running)})
    except (ValueError, TypeError, KeyError):
        return None
