"""Stylesheets of views stand on one page together: none may dress what another one has made.

A widget's style holds for the whole notebook, so a rule ``.dl-view .dl-log`` of one view also meets
what a second view calls so.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import dockerlab

ROOT = Path(dockerlab.__file__).parent
SHEETS = {str(path.relative_to(ROOT)): path for path in sorted(ROOT.rglob("*.css"))}
SHARED = {"views/base.css", "views/parts.css", "views/actions.css"}
WIDE = re.compile(r"\.dl-view (?:[a-z]+)?\.(dl-[\w-]+)")
"""A rule that holds in any view, for a class of its own."""


def rules(path: Path) -> list[str]:
    """The selectors of a stylesheet, those inside of media and container queries as well."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
    text = re.sub(r"@keyframes[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
    heads = re.findall(r"([^{}]+)\{", text)
    return [
        " ".join(one.split())
        for head in heads
        if not head.strip().startswith("@")
        for one in re.split(r",(?![^(]*\))", head)
    ]


def together(one: str, other: str) -> bool:
    """Whether two stylesheets are of one view, or one of them is everybody's."""
    steps = all(name.startswith(("views/builds/", "views/pipelines/")) for name in (one, other))
    return (steps and "layers" not in one + other) or not {one, other}.isdisjoint(SHARED)


def test_no_two_views_style_the_same() -> None:
    for (one, first), (other, second) in itertools.combinations(SHEETS.items(), 2):
        if not together(one, other):
            assert not {*rules(first)} & {*rules(second)}, (one, other)


def test_a_class_that_is_styled_in_all_views_is_of_one_view_only() -> None:
    for (one, first), (other, second) in itertools.permutations(SHEETS.items(), 2):
        wide = {name for rule in rules(first) for name in WIDE.findall(rule)}
        used = {name for rule in rules(second) for name in re.findall(r"\.(dl-[\w-]+)", rule)}
        shared = wide & used - {"dl-picture", "dl-controls", "dl-status"}
        assert together(one, other) or not shared, (one, other, shared)


def test_movements_have_names_of_their_own() -> None:
    names = [
        name
        for path in SHEETS.values()
        for name in re.findall(r"@keyframes ([\w-]+)", path.read_text("utf-8"))
    ]
    assert sorted(names) == sorted({*names})
