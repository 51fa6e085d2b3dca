"""How far a learner has come: a table a chapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from dockerlab.grading.bank import Bank
from dockerlab.grading.learner.notice import framed
from dockerlab.grading.learner.records import Record
from dockerlab.grading.learner.report import MARKS, number
from dockerlab.grading.outcome import say
from dockerlab.views.words import Language, default_language

_COLUMNS = ("exercise", "level", "state", "points", "checks", "hints")


@dataclass(frozen=True, slots=True)
class Row:
    """An exercise and what is known of it; chapter 0 is that of exercises not in the bank."""

    id: str
    title: str
    chapter: int
    level: int
    of: float
    record: Record


class Overview:
    """``bank`` is None where only the records are here."""

    def __init__(
        self,
        bank: Bank | None,
        records: Mapping[str, Record],
        file: str,
        lang: Language | None = None,
    ) -> None:
        self.lang = lang or default_language()
        self.file = file
        self.rows = tuple(_rows(bank, records, self.lang))

    @property
    def done(self) -> int:
        """How many exercises are done."""
        return sum(row.record.state == "passed" for row in self.rows)

    @property
    def points(self) -> float:
        return sum(row.record.points for row in self.rows)

    @property
    def of(self) -> float:
        return sum(row.of for row in self.rows)

    @property
    def summary(self) -> str:
        points, of = number(self.points), number(self.of)
        return self._word("summary", done=self.done, all=len(self.rows), points=points, of=of)

    def __repr__(self) -> str:
        told = [f"{self._word('title')}: {self.summary}"]
        for chapter in self._chapters():
            told.append(self._chapter(chapter))
            told += [self._line(row) for row in self.rows if row.chapter == chapter]
        return "\n".join([*told, *self._end()])

    def _line(self, row: Row) -> str:
        _, _, state, points, *_ = self._cells(row)
        more = [f"{self._word('hints')}: {row.record.hints}"] * bool(row.record.hints)
        more += [self._word("answer")] * row.record.solution
        return f"  {'; '.join([f'{state}  {row.title} ({row.id})', points, *more])}"

    def _repr_html_(self) -> str:
        share = round(100 * self.points / self.of) if self.of else 0
        head = (
            f"<p><strong>{self._word('title')}</strong>: {escape(self.summary)}</p>"
            f'<div class="dl-bar" aria-hidden="true"><span style="width:{share}%"></span></div>'
        )
        tables = "".join(self._table(chapter) for chapter in self._chapters())
        end = "".join(f"<p>{escape(line)}</p>" for line in self._end())
        return framed(self._word("title"), head + tables + end, kind="overview")

    def _table(self, chapter: int) -> str:
        head = "".join(f'<th scope="col">{self._word(name)}</th>' for name in _COLUMNS)
        rows = "".join(self._row(row) for row in self.rows if row.chapter == chapter)
        return (
            f"<table><caption>{self._chapter(chapter)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def _row(self, row: Row) -> str:
        name, *rest = self._cells(row)
        rest[1] = f'<span class="dl-chip dl-{row.record.state}">{rest[1]}</span>'
        head = f'{escape(name)} <span class="dl-id">{escape(row.id)}</span>'
        return f'<tr><th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'

    def _cells(self, row: Row) -> tuple[str, str, str, str, str, str]:
        """In the order of the columns."""
        record = row.record
        state = f"{MARKS[record.state]} {say(f'state.{record.state}').text(self.lang)}"
        worth = say("outcome.worth", points=number(record.points), of=number(row.of))
        hints = str(record.hints) + (f", {self._word('answer')}" if record.solution else "")
        return (
            row.title,
            self._word(f"level.{row.level}"),
            state,
            worth.text(self.lang),
            str(record.checks),
            hints,
        )

    def _chapters(self) -> list[int]:
        return list(dict.fromkeys(row.chapter for row in self.rows))

    def _chapter(self, chapter: int) -> str:
        return self._word("chapter", number=chapter) if chapter else self._word("other")

    def _end(self) -> Iterator[str]:
        if not any(row.record.checks for row in self.rows):
            yield self._word("none")
        yield self._word("file", file=self.file)

    def _word(self, name: str, **fields: object) -> str:
        return say(f"progress.{name}", **fields).text(self.lang)


def _rows(bank: Bank | None, records: Mapping[str, Record], lang: Language) -> Iterator[Row]:
    entries = bank.entries() if bank else ()
    for entry in entries:
        title, exercise = entry.texts.title[lang == "ko"], entry.exercise
        record = records.get(entry.id, Record())
        yield Row(entry.id, title, entry.chapter, exercise.level, exercise.points, record)
    for id in sorted(records.keys() - {entry.id for entry in entries}):
        yield Row(id, id, 0, 0, records[id].of, records[id])
