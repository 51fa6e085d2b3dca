"""Two builds beside each other: which step of one is which step of the other, what was saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dockerlab.formats.buildtrace import BuildTrace, Status, Step


@dataclass(frozen=True, slots=True)
class Pair:
    """A step of the one build and its like in the other; None where the other has none.

    ``moved`` is the number of the same instruction elsewhere in the other build, or 0.
    """

    before: Step | None
    after: Step | None
    moved: int = 0


@dataclass(frozen=True, slots=True)
class BuildComparison:
    """Two builds, in the order in which they are to be shown, and what to call them."""

    before: BuildTrace
    after: BuildTrace
    names: tuple[str, str] = ("", "")

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All steps of both, aligned by their instructions."""
        old, new = self.before.steps, self.after.steps
        shared = {_text(step) for step in old} & {_text(step) for step in new}
        found: list[Pair] = []
        a = b = 0
        for c, d in [*_aligned(old, new), (len(old), len(new))]:
            found += _unequal(old[a:c], new[b:d], shared)
            found += [Pair(*both) for both in zip(old[c : c + 1], new[d : d + 1], strict=True)]
            a, b = c + 1, d + 1
        return tuple(_moves(found))

    @property
    def saved(self) -> float:
        """Seconds that the second build took less; negative if it took more."""
        return self.before.seconds - self.after.seconds

    @property
    def decisive(self) -> Pair | None:
        """The step that one build took from the cache and the other spent the most time on."""
        split = [pair for pair in self.pairs if _cached_once(pair)]
        return max(split, key=_difference, default=None)


def _text(step: Step) -> str:
    return " ".join(step.instruction.split())


def _aligned(old: Sequence[Step], new: Sequence[Step]) -> list[tuple[int, int]]:
    """Places of equal instructions, in order; of several ways the one with the most time in it.

    So ``RUN npm install`` stands beside its like, and the quick COPY that was moved around it not.
    """
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            both = best[i + 1][j + 1] + _weight(old[i], new[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], both)
    places, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        weight = _weight(old[i], new[j])
        if weight and best[i][j] == best[i + 1][j + 1] + weight:
            places.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return places


def _weight(one: Step, other: Step) -> float:
    return 1.0 + max(one.seconds, other.seconds) if _text(one) == _text(other) else 0.0


def _unequal(old: Sequence[Step], new: Sequence[Step], shared: set[str]) -> list[Pair]:
    """Pair those that stand at the same place and are of one kind; leave out the moved ones."""
    rest = list(new)
    pairs: list[Pair] = []
    for step in old:
        alike = (one for one in rest if one.keyword == step.keyword and _text(one) not in shared)
        like = next(alike, None)
        if like is None or _text(step) in shared:
            pairs.append(Pair(step, None))
            continue
        at = rest.index(like)
        pairs += [Pair(None, other) for other in rest[:at]]
        pairs.append(Pair(step, like))
        rest = rest[at + 1 :]
    return pairs + [Pair(None, other) for other in rest]


def _moves(pairs: list[Pair]) -> list[Pair]:
    """Say of each lonely step where the other build has it."""
    gone = {_text(pair.before): pair.before for pair in pairs if pair.before and not pair.after}
    come = {_text(pair.after): pair.after for pair in pairs if pair.after and not pair.before}
    told = []
    for pair in pairs:
        other = None
        if pair.after is None and pair.before is not None:
            other = come.get(_text(pair.before))
        elif pair.before is None and pair.after is not None:
            other = gone.get(_text(pair.after))
        told.append(Pair(pair.before, pair.after, other.number) if other else pair)
    return told


def _cached_once(pair: Pair) -> bool:
    if pair.before is None or pair.after is None:
        return False
    return (pair.before.status is Status.CACHED) != (pair.after.status is Status.CACHED)


def _difference(pair: Pair) -> float:
    assert pair.before is not None
    assert pair.after is not None
    return abs(pair.before.seconds - pair.after.seconds)
