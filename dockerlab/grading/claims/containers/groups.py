"""What can be claimed of several containers at once, where it is not worth a check of each.

containers("ex2-created", "ex2-ended").are_of("alpine")
containers("ex2-created", "ex2-ended").start("sleep", "600")
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.states import Container
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, met, say


@dataclass(frozen=True, slots=True)
class Containers:
    """Containers by their names; the first that is not so is told of."""

    names: tuple[str, ...]

    def are_of(self, image: str) -> Claim:
        """Each was made from this image."""
        says = say("containers.of", containers=self._listed, image=image)
        return self._claim(says, lambda one: one.is_of(image))

    def start(self, *words: str) -> Claim:
        """Each was made with this command."""
        says = say("containers.start", containers=self._listed, command=shlex.join(words))
        return self._claim(says, lambda one: one.starts(*words))

    @property
    def _listed(self) -> str:
        return ", ".join(f"`{name}`" for name in self.names)

    def _claim(self, says: Saying, claim: Callable[[Container], Claim]) -> Claim:
        def look(bench: Bench) -> Finding:
            found = (claim(Container(name)).look(bench) for name in self.names)
            return next((one for one in found if not one), met())

        return Claim(says, look)


def containers(*names: str) -> Containers:
    return Containers(names)
