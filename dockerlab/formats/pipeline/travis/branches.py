"""Branches in ``.travis.yml``: names, and regular expressions between slashes."""

from __future__ import annotations

import re

from dockerlab.formats.pipeline.plan import Branches
from dockerlab.formats.pipeline.reading import Node


def limits(node: Node) -> Branches:
    """``branches: {only: …, except: …}``, or a list that means ``only``."""
    if node.is_list or isinstance(node.value, str):
        return Branches(_rules(node, wanted=True))
    told = node.mapping(("only", "except"))
    only = _rules(told["only"], wanted=True) if "only" in told else ()
    other = _rules(told["except"], wanted=False) if "except" in told else ()
    return Branches(only + other)


def named(node: Node) -> Branches:
    """The branches of a deployment's ``on: branch:``; mapping forms are refused."""
    return Branches(_rules(node, wanted=True))


def _rules(node: Node, *, wanted: bool) -> tuple[tuple[bool, str], ...]:
    return tuple((wanted, _pattern(one)) for one in node.listed())


def _pattern(node: Node) -> str:
    word = node.word()
    if len(word) < 2 or not (word.startswith("/") and word.endswith("/")):
        return rf"\A{re.escape(word)}\Z"
    try:
        re.compile(word[1:-1])
    except re.error as error:
        node.fail(f"{word} is no regular expression: {error}", "a plain name needs no slashes")
    return word[1:-1]
