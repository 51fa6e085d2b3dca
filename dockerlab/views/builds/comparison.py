"""Two builds side by side: what the cache did for each, and the time that it saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dockerlab.formats.buildcomparison import BuildComparison, Pair
from dockerlab.formats.buildtrace import BuildTrace, Status
from dockerlab.views.builds import plain
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.reasons import flow, runs
from dockerlab.views.builds.rows import Row
from dockerlab.views.builds.still import LEFT, RIGHT, WIDTH, chip, mark
from dockerlab.views.builds.timeline import Traced, told, trace_of
from dockerlab.views.drawing import Drawing, clip, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language, Words

if TYPE_CHECKING:
    from dockerlab.views.live import LiveComparison

COLUMN = 446.0
SIDES = (LEFT, RIGHT - COLUMN)


def compare(
    before: BuildTrace | Traced,
    after: BuildTrace | Traced,
    names: tuple[str, str] = ("", ""),
    lang: Language | None = None,
) -> ComparisonView:
    """Two builds beside each other, steps aligned; ``names`` say what to call them.

    >>> dockerlab.compare(slow, quick, ("all at once", "package.json first"))  # doctest: +SKIP
    """
    return ComparisonView(BuildComparison(trace_of(before), trace_of(after), names), lang)


class ComparisonView(Picture):
    """``ComparisonView(BuildComparison(before, after))``."""

    def __init__(self, both: BuildComparison, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.both = both
        self.names = tuple(
            name or self.words(f"cmp.{side}")
            for name, side in zip(both.names, ("before", "after"), strict=True)
        )
        self.rows = tuple(
            {row.step.number: row for row in reading.rows(trace)}
            for trace in (both.before, both.after)
        )

    @property
    def title(self) -> str:
        before, after = self.names
        return self.words("cmp.title", before=before, after=after)

    @property
    def summary(self) -> str:
        """One sentence on the time, and one on the step that made the difference."""
        both, words = self.both, self.words
        first, second = reading.total(both.before), reading.total(both.after)
        change = first - second
        near = abs(change) < 0.05 * max(first, second, 0.1)
        told = words(
            "cmp.same" if near else "cmp.faster" if change > 0 else "cmp.slower",
            before=self.names[0],
            after=self.names[1],
            first=reading.took(first, words),
            second=reading.took(second, words),
            saved=reading.took(abs(change), words),
            hits=both.after.hits,
            other=both.before.hits,
        )
        return told if near else f"{told} {self._decisive()}".strip()

    def _decisive(self) -> str:
        pair = self.both.decisive
        if pair is None or pair.before is None or pair.after is None:
            return ""
        ran = pair.before if pair.after.status is Status.CACHED else pair.after
        if (ran is pair.before) != (self.both.saved > 0):
            return ""
        spent = reading.took(ran.seconds, self.words)
        return self.words("cmp.most", step=clip(ran.instruction, 420, 14), seconds=spent)

    @property
    def text(self) -> str:
        lines = [self.title, self.summary]
        for name, trace, rows in zip(self.names, self._traces(), self.rows, strict=True):
            whole = reading.took(reading.total(trace), self.words)
            lines.append(f"{name}: {reading.counted(trace, self.words)}, {whole}")
            lines += [f"   {line}" for row in rows.values() for line in told(row, self.words)]
        return "\n".join(lines)

    def _traces(self) -> tuple[BuildTrace, BuildTrace]:
        return self.both.before, self.both.after

    def draw(self) -> Drawing:
        told = wrap(self.summary, RIGHT - LEFT, 14)
        lines = [_PairRow(pair, self.rows, self.words) for pair in self.both.pairs]
        top = 60 + 20.0 * len(told) + 66
        height = top + sum(line.height for line in lines) + 12
        described = self.words("cmp.desc", summary=self.summary)
        d = Drawing(WIDTH, height, self.title, described)
        d.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        self._head(d)
        d.lines(LEFT, 66, told, 20, size=14)
        self._columns(d, top - 66)
        whole = max(map(reading.total, self._traces())) or 1.0
        for line in lines:
            line.draw(d, top, whole)
            top += line.height
        return d

    def _head(self, d: Drawing) -> None:
        saved = self._saved()
        x = RIGHT
        if saved:
            accent = "green" if self.both.saved > 0 else "orange"
            x -= d.chip(RIGHT, 21, saved, accent, anchor="end", size=13) + 16
        d.text(LEFT, 38, self.title, 17, bold=True, width=x - LEFT)

    def _saved(self) -> str:
        before, after = map(reading.total, self._traces())
        if abs(before - after) < 0.05 * max(before, after, 0.1):
            return ""
        key = "cmp.saved" if before > after else "cmp.lost"
        return self.words(key, seconds=reading.took(abs(before - after), self.words))

    def _columns(self, d: Drawing, y: float) -> None:
        """Name, hits and whole time of each build, the times as bars to one scale."""
        whole = max(map(reading.total, self._traces())) or 1.0
        for x, name, trace in zip(SIDES, self.names, self._traces(), strict=True):
            hits = reading.counted(trace, self.words)
            taken = d.chip(x + COLUMN, y + 4, hits, "green" if trace.hits else "blue", anchor="end")
            d.text(x, y + 20, name, 15, bold=True, width=COLUMN - taken - 12)
            seconds = reading.total(trace)
            d.rect(x, y + 34, COLUMN - 80, 16, "sunken", "", 4)
            long = max(seconds / whole * (COLUMN - 80), 3.0)
            d.rect(x, y + 34, long, 16, "ink", "", min(4.0, long / 2))
            spent = reading.took(seconds, self.words)
            d.text(x + COLUMN, y + 47, spent, 13.5, anchor="end", mono=True, bold=True)

    def animate(self) -> LiveComparison | None:
        from dockerlab.views.live import LiveComparison  # costs half a second: only when shown

        words = self.words
        traces = self._traces()
        return LiveComparison(
            title=self.title,
            text=self.text,
            words=words.all("build.") | words.all("cmp.") | words.all("view."),
            head={"summary": self.summary, "saved": self._saved(), "good": self.both.saved > 0},
            sides=[
                {"name": name} | plain.head(trace, words)
                for name, trace in zip(self.names, traces, strict=True)
            ],
            pairs=[self._plain(pair) for pair in self.both.pairs],
            logs=[plain.logs(trace.steps) for trace in traces],
        )

    def _plain(self, pair: Pair) -> dict[str, Any]:
        sources = [
            {one["n"]: one for one in plain.rows(trace, self.words)} for trace in self._traces()
        ]
        before, after = (
            source[step.number] if step else None
            for source, step in zip(sources, (pair.before, pair.after), strict=True)
        )
        return {"before": before, "after": after, "lonely": lonely(pair, self.words)}


def lonely(pair: Pair, words: Words) -> str:
    """What stands where a build lacks the step."""
    return words("cmp.moved", n=pair.moved) if pair.moved else words("cmp.none")


class _PairRow:
    """One line of the picture: the same step of both builds."""

    def __init__(
        self, pair: Pair, rows: tuple[dict[int, Row], dict[int, Row]] | Any, words: Words
    ) -> None:
        self.pair, self.words = pair, words
        self.cells = [
            _Cell(table[step.number], words) if step else None
            for table, step in zip(rows, (pair.before, pair.after), strict=True)
        ]
        self.height = max(cell.height for cell in self.cells if cell) + 6

    def draw(self, d: Drawing, y: float, whole: float) -> None:
        for x, cell in zip(SIDES, self.cells, strict=True):
            if cell:
                cell.draw(d, x, y, self.height - 6, whole)
                continue
            d.rect(x, y, COLUMN, self.height - 6, "", "line", 8, stroke_dasharray="5 5")
            note = lonely(self.pair, self.words)
            middle = y + (self.height - 6) / 2 + 4
            d.text(x + COLUMN / 2, middle, note, 12, "muted", anchor="middle", width=COLUMN - 20)


class _Cell:
    """A step of one of the two."""

    def __init__(self, row: Row, words: Words) -> None:
        self.row, self.words = row, words
        text = " ".join(row.step.instruction.split())
        self.code = wrap(text, COLUMN - 30, 12.5, mono=True)
        if len(self.code) > 2:
            self.code = [self.code[0], f"{self.code[1]} …"]
        why = flow(reading.why(row.step, words), COLUMN - 30, 12.5)[:3]
        self.why = [line for line in why if line]
        self.height = 38 + 17.0 * (len(self.code) + len(self.why))

    def draw(self, d: Drawing, x: float, y: float, high: float, whole: float) -> None:
        row, step = self.row, self.row.step
        strong = row.role == "root" or step.status is Status.FAILED
        fill = f"{row.accent}-soft" if strong else "panel"
        width = 2 if strong else 1
        dash = "5 3" if row.role == "consequence" else ""
        edge = row.accent if row.role in ("root", "consequence") or strong else "line"
        with d.group(step.instruction, data_step=step.number, class_=f"row {row.role}"):
            d.rect(x, y, COLUMN, high, fill, edge, 8, stroke_width=width, stroke_dasharray=dash)
            d.badge(x + 20, y + 18, str(step.number), row.accent or "edge", 11)
            wide = chip(d, x + 38, y + 7, mark(row, self.words))
            self._time(d, x + 48 + wide, x + COLUMN - 10, y, whole)
            y += 46
            ink = "muted" if row.role == "hit" else "ink"
            for line in self.code:
                d.text(x + 14, y, line, 12.5, ink, mono=True, bold=row.role != "hit")
                y += 17
            for pieces in self.why:
                d.rich(x + 14, y, runs(pieces, "ink" if strong else "muted"), 12.5)
                y += 17

    def _time(self, d: Drawing, left: float, right: float, y: float, whole: float) -> None:
        step = self.row.step
        spent = reading.took(step.seconds, self.words)
        d.text(right, y + 23, spent, 12, anchor="end", mono=True)
        room = right - 78 - left
        long = max(step.seconds / whole * room, 2.5)
        d.rect(left, y + 12, room, 12, "sunken", "", 3)
        d.rect(left, y + 12, long, 12, self.row.accent or "blue", "", min(3.0, long / 2))
