"""Killing the engine under its clients, and telling them so."""

from __future__ import annotations

import random
import threading
import time

from engines import Engine

DOWN = (0.1, 2.0)
"""For how long the engine is away, in seconds."""


class Outages:
    """How often the engine was killed, and whether it is there."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        self._engine = engine
        self._up = threading.Event()
        self._up.set()

    def wait(self) -> int:
        """Wait until the engine is there; the number of its life."""
        life = -1
        while life != self.count:  # no kill came between
            life = self.count
            if not self._up.wait(120):
                raise RuntimeError("the engine did not come back")
        return life

    def over(self, life: int) -> bool:
        """Whether what was begun in that life of the engine's may have been cut off."""
        return self.count != life

    def one(self, chance: random.Random) -> float:
        """Kill the engine and start it again: how long that took, in seconds."""
        self._up.clear()
        self.count += 1
        self._engine.kill()
        time.sleep(chance.uniform(*DOWN))
        begun = time.monotonic()
        self._engine.launch(60)
        self._up.set()
        return time.monotonic() - begun


def moments(chance: random.Random, seconds: float, kills: int) -> list[float]:
    """When to kill, in seconds from the start: spread over the first half, as what grows slowly
    is only seen in an engine that lives for a while."""
    part = seconds / 2 / kills if kills else 0
    return [part * (number + chance.uniform(0.2, 0.9)) for number in range(kills)]
