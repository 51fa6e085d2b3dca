"""A list of records that also knows how it looks: as docker's columns and as an HTML table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import Generic, TypeVar, overload

from dockerlab.formats.text import columns

Row = TypeVar("Row")


class Table(Sequence[Row], Generic[Row]):
    """Rows of one kind; ``repr`` is docker's text, notebooks show a table.

    ``cells`` gives the texts of one row in the order of ``header``. ``caption`` is read out by
    screen readers before the table.
    """

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        cells: Callable[[Row], Sequence[str]],
        *,
        caption: str = "",
    ) -> None:
        self.header = tuple(header)
        self.rows = tuple(rows)
        self.caption = caption
        self._cells = cells

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Table):
            return self.rows == other.rows
        return isinstance(other, list | tuple) and list(self.rows) == list(other)

    __hash__ = None  # type: ignore[assignment]  # a list of mutable views, as list itself

    def __repr__(self) -> str:
        return columns(self.header, (self._cells(row) for row in self.rows))

    def _repr_html_(self) -> str:
        body = [self._cells(row) for row in self.rows]
        return html_table(self.header, body, caption=self.caption)


_LEFT = 'style="text-align:left"'
"""JupyterLab would have words stand at the right, as numbers do."""


def html_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """A plain table: real header cells, a caption, and no colours, so that dark mode reads too."""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col" {_LEFT}>{escape(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td {_LEFT}>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def html_record(title: str, facts: Iterable[tuple[str, str]]) -> str:
    """Facts about one thing, as a table of name and value."""
    body = "".join(
        f'<tr><th scope="row" {_LEFT}>{escape(name)}</th><td {_LEFT}>{escape(value)}</td></tr>'
        for name, value in facts
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{body}</tbody></table>"
