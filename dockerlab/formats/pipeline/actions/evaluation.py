"""What expressions of GitHub Actions come to, as GitHub compares and casts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.actions.expressions import (
    STATES,
    Call,
    Constant,
    Expression,
    Name,
    calls,
    parse,
)

_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
MOST_TEXT = 1 << 20
"""Characters that a text may grow to when its holes are filled."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names stand for (``values["github"]["ref"]``), and how the job stands."""

    values: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False
    cancelled: bool = False


def truth(condition: str, scope: Scope) -> bool:
    """Whether an ``if:`` lets it run. Without a word on failures, one that came before forbids."""
    if not condition:
        return not (scope.failed or scope.cancelled)
    tree = parse(bare(condition))
    if not set(calls(tree)) & set(STATES) and (scope.failed or scope.cancelled):
        return False
    return truthy(evaluate(tree, scope))


def bare(condition: str) -> str:
    """An ``if:`` without the braces that it may, but need not, have."""
    found = _HOLE.fullmatch(condition.strip())
    return found[1].strip() if found else condition.strip()


def holes(text: str) -> list[str]:
    """The expressions in a text, without their braces."""
    return [found.strip() for found in _HOLE.findall(text)]


def fill(text: str, scope: Scope) -> str:
    """A text with each ``${{ … }}`` replaced by what it comes to."""
    filled = _HOLE.sub(lambda hole: shown(evaluate(parse(hole[1].strip()), scope)), text)
    if len(filled) > MOST_TEXT:
        raise FormatError(f"a text grows to more than {MOST_TEXT} characters")
    return filled


def evaluate(tree: Expression, scope: Scope) -> Any:
    if isinstance(tree, Constant):
        return tree.value
    if isinstance(tree, Name):
        return _looked_up(tree, scope)
    if tree.function in ("&&", "||"):
        left = evaluate(tree.arguments[0], scope)
        ends = truthy(left) == (tree.function == "||")
        return left if ends else evaluate(tree.arguments[1], scope)
    return _called(tree, [evaluate(one, scope) for one in tree.arguments], scope)


def _looked_up(name: Name, scope: Scope) -> Any:
    found: Any = scope.values.get(name.context)
    for part in name.path:
        key = evaluate(part, scope)
        if not isinstance(found, Mapping):
            return None
        found = _member(found, shown(key))
    return found


def _member(found: Mapping[str, Any], key: str) -> Any:
    """GitHub tells names apart whatever their case."""
    if key in found:
        return found[key]
    return next((value for one, value in found.items() if one.lower() == key.lower()), None)


def _called(call: Call, values: list[Any], scope: Scope) -> Any:
    match call.function:
        case "!":
            return not truthy(values[0])
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return _compared(call.function, *values)
        case "contains":
            return _contains(*values)
        case "startsWith":
            return shown(values[0]).lower().startswith(shown(values[1]).lower())
        case "endsWith":
            return shown(values[0]).lower().endswith(shown(values[1]).lower())
        case "format":
            return _format(shown(values[0]), [shown(value) for value in values[1:]])
        case _:
            return _state(call.function, scope)


def _state(function: str, scope: Scope) -> bool:
    if function == "always":
        return True
    if function == "cancelled":
        return scope.cancelled
    if function == "failure":
        return scope.failed and not scope.cancelled
    return not scope.failed and not scope.cancelled


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, list | tuple):
        return any(_compared("==", one, part) for one in whole)
    return shown(part).lower() in shown(whole).lower()


def _format(text: str, values: list[str]) -> str:
    def put(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if int(found[1]) >= len(values):
            raise FormatError(f"format(): nothing is given for {found[0]}")
        return values[int(found[1])]

    return re.sub(r"\{\{|\}\}|\{(\d{1,3})\}", put, text)


def _compared(sign: str, left: Any, right: Any) -> bool:
    """Texts by their letters whatever the case, all else as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        a: Any = left.lower()
        b: Any = right.lower()
    elif isinstance(left, Mapping | list) or isinstance(right, Mapping | list):
        return (left is right) == (sign == "==") if sign in ("==", "!=") else False
    else:
        a, b = _number(left), _number(right)
    if sign in ("==", "!="):
        return bool(a == b) == (sign == "==")
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign])


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def truthy(value: Any) -> bool:
    if isinstance(value, float) and math.isnan(value):
        return False
    return value is not None and value is not False and value != 0 and value != ""


def shown(value: Any) -> str:
    """A value as text, as it gets into a command."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return "Object" if isinstance(value, Mapping) else str(value)
