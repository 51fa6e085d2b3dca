"""The part of Go templates that people use with ``docker --format``.

Known: ``{{.State.Status}}``, ``{{json .Mounts}}``, ``{{index .Config.Labels "key"}}``,
``{{len .Mounts}}``, ``{{range .X}}…{{end}}``, ``{{if .X}}…{{else}}…{{end}}``; ``\\t`` and ``\\n``
in the text. Anything else is refused by name.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dockerlab.errors import CommandError

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text, or an action with the pieces inside it."""

    text: str = ""
    action: str = ""
    body: tuple[_Piece, ...] = ()
    otherwise: tuple[_Piece, ...] = ()


def render(template: str, value: Any) -> str:
    """The template filled with ``value``, a JSON object or a row.

    >>> render("{{.State.Status}}", {"State": {"Status": "running"}})
    'running'
    """
    pieces, end = _block(_tokens(template.replace("\\t", "\t").replace("\\n", "\n")))
    if end:
        raise CommandError(f"template parsing error: unexpected {{{{{end}}}}}")
    return _render(pieces, value)


def fields(template: str) -> list[str]:
    """The fields a template names, in order: the header of ``--format 'table …'``."""
    return re.findall(r"\.(\w+)\s*\}\}", template)


def _tokens(template: str) -> Iterator[_Piece]:
    position = 0
    for match in _ACTION.finditer(template):
        if match.start() > position:
            yield _Piece(text=template[position : match.start()])
        yield _Piece(action=match.group(1))
        position = match.end()
    rest = template[position:]
    if "{{" in rest:
        raise CommandError(
            "template parsing error: unclosed action", "close every {{ with }} and quote the whole"
        )
    if rest:
        yield _Piece(text=rest)


def _block(tokens: Iterator[_Piece]) -> tuple[tuple[_Piece, ...], str]:
    """Pieces up to the next ``end`` or ``else``, and which of the two ended them."""
    pieces: list[_Piece] = []
    for token in tokens:
        word = token.action.partition(" ")[0]
        if word in ("end", "else"):
            return tuple(pieces), word
        if word not in ("range", "if"):
            pieces.append(token)
            continue
        body, end = _block(tokens)
        otherwise: tuple[_Piece, ...] = ()
        if end == "else":
            otherwise, end = _block(tokens)
        if end != "end":
            raise CommandError(
                f"template parsing error: {{{{{token.action}}}}} lacks its {{{{end}}}}"
            )
        pieces.append(_Piece(action=token.action, body=body, otherwise=otherwise))
    return tuple(pieces), ""


def _render(pieces: tuple[_Piece, ...], value: Any) -> str:
    return "".join(piece.text or _action(piece, value) for piece in pieces)


def _action(piece: _Piece, value: Any) -> str:
    word, _, rest = piece.action.partition(" ")
    if word == "range":
        found = _value(rest.strip(), value)
        items = found.values() if isinstance(found, Mapping) else found or ()
        return "".join(_render(piece.body, item) for item in items)
    if word == "if":
        chosen = piece.body if _value(rest.strip(), value) else piece.otherwise
        return _render(chosen, value)
    return go_text(_value(piece.action, value))


def _value(expression: str, value: Any) -> Any:
    if expression.startswith("."):
        return _path(expression, value)
    words = shlex.split(expression)
    if words[:1] == ["json"] and len(words) == 2:
        # Go escapes these three in JSON so that it can stand in HTML; so does docker's output.
        text = json.dumps(_value(words[1], value), separators=(",", ":"), ensure_ascii=False)
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    if words[:1] == ["len"] and len(words) == 2:
        return len(_value(words[1], value) or ())
    if words[:1] == ["index"] and len(words) >= 3:
        found = _value(words[1], value)
        for key in words[2:]:
            found = _item(found, key)
        return found
    raise CommandError(
        f"template parsing error: {{{{{expression}}}}} is not known here",
        'known are {{.A.B}}, {{json .A}}, {{index .A "key"}}, {{len .A}}, range, if',
    )


def _path(expression: str, value: Any) -> Any:
    found = value
    for key in [key for key in expression.split(".") if key]:
        if isinstance(found, Mapping) and key not in found:
            raise CommandError(
                f'template: :1: executing "" at <{expression}>: map has no entry for key "{key}"',
                "known here: " + ", ".join(sorted(map(str, found))[:40]),
            )
        found = _item(found, key)
    return found


def _item(found: Any, key: str) -> Any:
    if isinstance(found, Mapping):
        return found.get(key)
    if isinstance(found, list | tuple) and key.isdigit() and int(key) < len(found):
        return found[int(key)]
    return None


def go_text(value: Any) -> str:
    """A value as Go prints it: ``[a b]``, ``map[k:v]``, ``true``."""
    if value is None:
        return "<no value>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{go_text(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(go_text(item) for item in value) + "]"
    return str(value)
