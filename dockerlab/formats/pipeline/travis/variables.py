"""``env:`` of ``.travis.yml``: variables for all jobs, and sets of them that make a job each."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from dockerlab.formats.pipeline.reading import Node

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Variables:
    """Lines ``A=1 B=2`` as a shell exports them: ``common`` for each job, ``sets`` for one each.

    ``secure``: how many are encrypted with a key that only Travis has.
    """

    common: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    secure: int = 0


def variables(node: Node) -> Variables:
    """What ``env:`` says, in any of its forms."""
    if node.is_mapping and {"global", "jobs", "matrix"} & set(node.value):
        told = node.mapping(("global", "jobs", "matrix"))
        if "jobs" in told and "matrix" in told:
            told["matrix"].fail("is the old name of jobs: both stand here", "keep jobs")
        common, secure = _lines(told.get("global"))
        sets, more = _lines(told.get("jobs") or told.get("matrix"))
        return Variables(common, sets, secure + more)
    lines, secure = _lines(node)
    # A list at the top makes a job of each of its entries; a mapping or one text does not.
    return Variables((), lines, secure) if node.is_list else Variables(lines, (), secure)


def _lines(node: Node | None) -> tuple[tuple[str, ...], int]:
    """The lines to export, and how many entries were encrypted."""
    if node is None:
        return (), 0
    found = [_line(one) for one in node.listed()]
    return tuple(line for line in found if line is not None), found.count(None)


def _line(node: Node) -> str | None:
    """One entry; None for an encrypted one."""
    if not node.is_mapping:
        return _checked(node)
    if "secure" in node.value:
        node.mapping(("secure",))["secure"].word()
        return None
    return " ".join(_assignment(name, value) for name, value in node.pairs())


def _assignment(name: str, node: Node) -> str:
    if not _NAME.fullmatch(name):
        node.fail(f"{name!r} cannot be the name of a variable", "letters, digits and _ only")
    if node.is_mapping and "secure" in node.value:
        node.fail(
            "an encrypted value (secure) cannot be read here: only Travis has the key",
            f"put {name} into the settings of the CI instead",
        )
    # In double quotes, so that $OTHER stands for its value as it does on Travis.
    escaped = re.sub(r'(["\\`])', r"\\\1", node.text())
    return f'{name}="{escaped}"'


def _checked(node: Node) -> str:
    text = node.word()
    try:
        words = shlex.split(text)
    except ValueError as error:
        node.fail(f"cannot be read as NAME=value: {error}", "close the quotes")
    for word in words:
        name, equals, _ = word.partition("=")
        if not equals or not _NAME.fullmatch(name):
            node.fail(f"{word!r} is not NAME=value", "as in: - STAGE=test")
    return text
