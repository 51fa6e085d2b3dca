"""Circles in what waits for what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def cycle(waits: Mapping[str, Iterable[str]]) -> list[str]:
    """The first circle, its first name repeated at the end; empty when there is none."""
    done: set[str] = set()
    for start in sorted(waits):
        if start not in done and (found := _from(start, waits, done)):
            return found
    return []


def _from(start: str, waits: Mapping[str, Iterable[str]], done: set[str]) -> list[str]:
    trail = [start]
    rest = [iter(sorted(waits[start]))]
    while rest:
        name = next(rest[-1], None)
        if name is None:
            rest.pop()
            done.add(trail.pop())
        elif name in trail:
            return [*trail[trail.index(name) :], name]
        elif name in waits and name not in done:
            trail.append(name)
            rest.append(iter(sorted(waits[name])))
    return []


def levels(waits: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Names by what they wait for: those of a level wait for earlier levels only.

    There must be no circle; a name that is not among the keys is not waited for.
    """
    level: dict[str, int] = {}
    order: list[str] = []
    for start in sorted(waits):
        _order(start, waits, level, order)
    for name in order:
        level[name] = 1 + max((level[one] for one in waits[name] if one in waits), default=-1)
    found: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in sorted(order):
        found[level[name]].append(name)
    return found


def _order(
    start: str, waits: Mapping[str, Iterable[str]], seen: dict[str, int], order: list[str]
) -> None:
    """Append what ``start`` waits for, then itself."""
    stack = [(start, iter(sorted(waits[start])))] if start not in seen else []
    seen.setdefault(start, 0)
    while stack:
        name, rest = stack[-1]
        for other in rest:
            if other in waits and other not in seen:
                seen[other] = 0
                stack.append((other, iter(sorted(waits[other]))))
                break
        else:
            order.append(name)
            stack.pop()
