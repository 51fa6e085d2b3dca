"""Lists as docker prints them: columns, ``-q``, ``--format json``, ``table …`` or a template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from dockerlab.formats.template import fields, render
from dockerlab.formats.text import columns
from dockerlab.magics.invocation import Invocation

Column = tuple[str, str]
"""A column's header and the field it shows."""
Row = Mapping[str, str]
"""A row by docker's field names, as ``--format`` uses them: ``{"ID": …, "Names": …}``."""


def show(call: Invocation, shown: Sequence[Column], rows: Sequence[Row], *, quiet: str = "") -> int:
    """Print rows as the command's flags ask; ``quiet`` is the field that ``-q`` prints."""
    template = call.command.text("format")
    if call.command.on("quiet") and quiet and not template:
        texts = [row[quiet] for row in rows]
    elif template == "json":
        texts = [json.dumps(dict(row), ensure_ascii=False, separators=(",", ":")) for row in rows]
    elif template.partition(" ")[0] == "table" and " " in template:
        texts = [_own_table(template.partition(" ")[2], shown, rows)]
    elif template and template != "table":
        texts = [render(template, row) for row in rows]
    else:
        body = [[row[name] for _, name in shown] for row in rows]
        texts = [columns([header for header, _ in shown], body)]
    for text in texts:
        call.output.line(text)
    return 0


def _own_table(template: str, shown: Sequence[Column], rows: Sequence[Row]) -> str:
    headers = {field: header for header, field in shown}
    first = {name: headers.get(name, _spaced(name)) for name in fields(template)}
    lines = [render(template, row) for row in (first, *rows)]
    return columns((), [line.split("\t") for line in lines])


def _spaced(field: str) -> str:
    """``CreatedAt`` as a header: ``CREATED AT``."""
    return "".join(f" {c}" if c.isupper() and i else c for i, c in enumerate(field)).upper()
