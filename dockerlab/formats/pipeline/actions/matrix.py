"""``strategy:`` of a job: each combination of a matrix becomes a job of its own."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from dockerlab.formats.pipeline.plan import Scalar
from dockerlab.formats.pipeline.reading import Node

MOST = 256
"""Combinations, as on GitHub."""
Combination = dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class Strategy:
    """``combinations`` is one empty one where there is no matrix."""

    combinations: tuple[Combination, ...] = ({},)
    fail_fast: bool = True


def strategy(node: Node | None) -> Strategy:
    if node is None:
        return Strategy()
    keys = node.mapping(("matrix", "fail-fast", "max-parallel"))
    if "max-parallel" in keys:
        keys["max-parallel"].number(1, MOST)
    fast = keys["fail-fast"].flag() if "fail-fast" in keys else True
    if "matrix" not in keys:
        return Strategy(fail_fast=fast)
    return Strategy(tuple(_combinations(keys["matrix"])), fast)


def _combinations(node: Node) -> list[Combination]:
    told = dict(node.pairs())
    include, exclude = told.pop("include", None), told.pop("exclude", None)
    axes = {name: [_scalar(one) for one in axis.items()] for name, axis in told.items()}
    for name, values in axes.items():
        if not values:
            told[name].fail("is an empty list", "give it a value at least")
    _count(node, axes)
    made = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    kept = [one for one in made if not _excluded(one, exclude)] if axes else []
    found = _included(kept, include)
    if not found:
        node.fail("leaves no combination", "a matrix needs a list, as in node: [20, 22]")
    if len(found) > MOST:
        _too_many(node, len(found))
    return found


def _count(node: Node, axes: Mapping[str, list[Scalar]]) -> None:
    count = 1
    for values in axes.values():
        count *= len(values)
        if count > MOST:
            _too_many(node, count)


def _too_many(node: Node, count: int) -> NoReturn:
    node.fail(f"makes {count} jobs or more; {MOST} is the most")


def _scalar(node: Node) -> Scalar:
    if isinstance(node.value, str) and "${{" in node.value:
        node.fail("a matrix made by an expression is not supported here", "write the values")
    if node.is_mapping or node.is_list or node.empty:
        node.fail("must be a text, a number or a yes or no")
    value: Scalar = node.value if isinstance(node.value, bool | int | float) else node.text()
    return value


def _each(node: Node | None) -> list[Combination]:
    if node is None:
        return []
    return [{name: _scalar(one) for name, one in entry.pairs()} for entry in node.items()]


def _excluded(one: Combination, exclude: Node | None) -> bool:
    return any(_fits(one, entry) for entry in _each(exclude))


def _fits(one: Combination, entry: Combination) -> bool:
    return all(key in one and one[key] == value for key, value in entry.items())


def _included(made: list[Combination], include: Node | None) -> list[Combination]:
    """Add what ``include`` says to each combination that it does not change, else as a new one."""
    found, own = [dict(one) for one in made], list[Combination]()
    for entry in _each(include):
        fitting = [
            at
            for at, one in enumerate(made)
            if all(one[key] == value for key, value in entry.items() if key in one)
        ]
        for at in fitting:
            found[at] |= entry
        if not fitting:
            own.append(entry)
    return found + own
