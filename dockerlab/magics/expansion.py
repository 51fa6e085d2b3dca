"""``{python}`` and ``$name`` in a typed command, as IPython fills them in, with a shell's quotes.

IPython's own expansion would also eat the braces of ``--format '{{.Names}}'`` and of JSON.
Here nothing inside single quotes is touched, and what cannot be evaluated stays as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(
    r"'[^']*'"  # single quotes: a shell leaves them alone
    r"|\\."
    r"|\{\{.*?\}\}"  # a Go template
    r"|\{(?P<expression>[^{}]*)\}"
    r"|\$\$"
    r"|\$(?P<name>[A-Za-z_]\w*)"
    r"|\$\{(?P<braced>[A-Za-z_]\w*)\}",
    re.DOTALL,
)
_DOUBLE = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)


def expand(text: str, variables: Mapping[str, Any]) -> str:
    """``text`` with the notebook's values in it.

    >>> expand("run --name {n}-{1+1} $image sh -c 'echo $HOME'", {"n": "a", "image": "alpine"})
    "run --name a-2 alpine sh -c 'echo $HOME'"
    """
    position, result = 0, ""
    # Single quotes inside double quotes do not protect: echo "it's $name".
    for match in _quoted_parts(text):
        result += _PLACE.sub(lambda m: _value(m, variables), text[position : match[0]])
        inner = text[match[0] : match[1]]
        result += re.sub(_NO_SINGLE, lambda m: _value(m, variables), inner)
        position = match[1]
    return result + _PLACE.sub(lambda m: _value(m, variables), text[position:])


_NO_SINGLE = re.compile(_PLACE.pattern.removeprefix(r"'[^']*'|"), re.DOTALL)


def _quoted_parts(text: str) -> list[tuple[int, int]]:
    """Start and end of each double-quoted part that is not inside single quotes."""
    parts: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 2
        elif char == "'":
            end = text.find("'", position + 1)
            position = len(text) if end < 0 else end + 1
        elif char == '"' and (match := _DOUBLE.match(text, position)):
            parts.append(match.span())
            position = match.end()
        else:
            position += 1
    return parts


def _value(match: re.Match[str], variables: Mapping[str, Any]) -> str:
    whole = match.group(0)
    name = match.group("name") or match.group("braced")
    if name:
        if name in variables:
            return str(variables[name])
        return os.environ.get(name, whole)
    expression = match.group("expression")
    if expression is None or not expression.strip():
        return "$" if whole == "$$" else whole
    try:
        # The learner's own code in the learner's own notebook, as {…} is in IPython's ! and %.
        value = eval(expression, {}, dict(variables))
    except Exception:
        return whole
    return whole if callable(value) else str(value)
