"""``on:`` of a workflow: the events that start it, limited to branches."""

from __future__ import annotations

import re

from dockerlab.formats.pipeline.plan import Branches, Trigger
from dockerlab.formats.pipeline.reading import Node

EVENTS = ("push", "pull_request", "workflow_dispatch")


def triggers(node: Node) -> tuple[Trigger, ...]:
    """One event, a list of them, or a mapping that says more of each."""
    if not node.is_mapping:
        found = tuple(Trigger(_event(one)) for one in node.listed())
    else:
        found = tuple(_limited(name, one) for name, one in node.mapping(EVENTS).items())
    return found or node.fail("names no event", "as in on: push")


def _event(node: Node) -> str:
    name = node.word()
    if name not in EVENTS:
        node.fail(f"{name} is not supported here", f"there are: {', '.join(EVENTS)}")
    return name


def _limited(name: str, node: Node) -> Trigger:
    if node.empty or name == "workflow_dispatch":
        # What a person would be asked for (inputs) has nobody to ask here.
        node.mapping(())
        return Trigger(name)
    keys = node.mapping(("branches", "branches-ignore"))
    if len(keys) == 2:
        node.fail("branches and branches-ignore cannot stand together", "write !name in branches")
    return Trigger(name, Branches(tuple(_rules(keys))))


def _rules(keys: dict[str, Node]) -> list[tuple[bool, str]]:
    rules = []
    for key, node in keys.items():
        for one in node.listed():
            word = one.word()
            positive = not word.startswith("!")
            if key == "branches-ignore" and not positive:
                one.fail("! cannot stand in branches-ignore", "write it in branches")
            rules.append((positive and key == "branches", _pattern(one, word.removeprefix("!"))))
        if key == "branches" and rules and not any(wanted for wanted, _ in rules):
            node.fail("excludes branches (!) and includes none", "add '**' before them")
    return rules


def _pattern(node: Node, glob: str) -> str:
    """A filter pattern as a regular expression: ``*`` ends at a slash, ``**`` does not."""
    pieces = re.findall(r"\*\*|\*|[?+]|\[[^\]]*\]|\\.|.", glob, re.DOTALL)
    made = "".join(_piece(piece) for piece in pieces)
    try:
        re.compile(made)
    except re.error as error:
        node.fail(f"{glob} is no pattern for branches: {error}")
    return rf"\A{made}\Z"


def _piece(piece: str) -> str:
    if piece in ("**", "*"):
        return ".*" if piece == "**" else "[^/]*"
    if piece in ("?", "+") or (piece[0] == "[" and len(piece) > 1):
        return piece
    return re.escape(piece[1:] if piece[0] == "\\" and len(piece) > 1 else piece)
