"""The class at a glance, for the teacher: a page, and a few lines for the terminal."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from dockerlab.grading.classroom.reports.page import page, phrase, text
from dockerlab.grading.classroom.reports.words import number, word
from dockerlab.grading.classroom.results import Result, write
from dockerlab.grading.outcome import Verdict
from dockerlab.views.words import Language

BINS = 10
MOST = 10
"""Checks and misconceptions that are listed."""
_BAR = 30
Bin = tuple[str, int]
Failure = tuple[str, Verdict, int]
"""Exercise, one of its verdicts, how many failed it."""


def write_page(results: Sequence[Result], out: Path, lang: Language) -> None:
    write(out / "summary.html", document(results, lang))


def histogram(results: Sequence[Result]) -> list[Bin]:
    """How many reached how much: at most ``BINS`` ranges of whole points, lowest first."""
    most = max((result.of for result in results), default=0.0)
    width = max(1, math.ceil(most / BINS))
    count = max(1, math.ceil(most / width))
    reached = Counter(
        min(count - 1, int(result.points / width)) for result in results if result.graded
    )
    edges = [number(min(most, width * n)) for n in range(count + 1)]
    return [(f"{edges[n]}–{edges[n + 1]}", reached[n]) for n in range(count)]


def failures(results: Sequence[Result]) -> list[Failure]:
    """The checks that most failed, most first; what waits for another failed with that one."""
    counted: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], Verdict] = {}
    for result in results:
        for outcome in result.outcomes:
            for verdict in outcome.verdicts:
                key = outcome.exercise, verdict.name
                seen.setdefault(key, verdict)
                counted[key] += verdict.state in ("not_yet", "not_attempted")
    order = sorted(seen, key=lambda key: -counted[key])
    return [(key[0], seen[key], counted[key]) for key in order[:MOST] if counted[key]]


def spotted(results: Sequence[Result]) -> list[Bin]:
    """The misconceptions by name, the most frequent first."""
    counted = Counter(
        name for result in results for name in {n for o in result.outcomes for n in o.spotted}
    )
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST]


def figures(results: Sequence[Result], lang: Language) -> list[tuple[str, str]]:
    points = [result.points for result in results if result.graded]
    most = number(max((result.of for result in results), default=0.0))
    told = [(word("students", lang), str(len(results)))]
    if points:
        told.append((word("mean", lang), f"{number(statistics.mean(points))} / {most}"))
        told.append((word("median", lang), f"{number(statistics.median(points))} / {most}"))
    return told


def lines(results: Sequence[Result], lang: Language) -> list[str]:
    """For the terminal."""
    told = [" · ".join(f"{name} {value}" for name, value in figures(results, lang)), ""]
    bins = histogram(results)
    most, wide = max(count for _, count in bins) or 1, max(len(name) for name, _ in bins)
    for name, count in bins:
        told.append(f"{name:>{wide}}  {'█' * round(_BAR * count / most)} {count or ''}".rstrip())
    if failed := failures(results):
        told += ["", f"{word('failed', lang)}:"]
        told += [f"  {count:>3}  {id}: {v.says.text(lang)}" for id, v, count in failed[:5]]
    if doubtful := [result for result in results if result.doubtful]:
        told += ["", f"{word('look', lang)}:"]
        told += [f"  {r.sender.name}: {word(r.ended, lang)} {r.detail}".rstrip() for r in doubtful]
    return told


def document(results: Sequence[Result], lang: Language) -> str:
    title = word("summary", lang, assignment=results[0].assignment if results else "")
    shown = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>"
        for name, value in figures(results, lang)
    )
    parts = [
        f'<h1>{text(title)}</h1>\n<dl class="figures">{shown}</dl>',
        _section("histogram", lang, _bars(histogram(results), ("range", "#count"), lang)),
        _section("failed", lang, _failures(results, lang)),
        _section("spotted", lang, _bars(spotted(results), ("misconception", "#count"), lang)),
        _section("look", lang, _doubtful(results, lang)),
        _section("grades", lang, _grades(results, lang)),
    ]
    return page(title, lang, "\n".join(parts))


def _section(key: str, lang: Language, body: str) -> str:
    return (
        f'<section aria-labelledby="{key}">\n<h2 id="{key}">{text(word(key, lang))}</h2>\n'
        f"{body or '<p>' + text(word('none', lang)) + '</p>'}\n</section>"
    )


def _table(heads: Sequence[str], rows: Iterable[str], lang: Language) -> str:
    """``heads`` are words; one that begins with ``#`` is over numbers, an empty one over bars."""
    told = "".join(_head(head, lang) for head in heads)
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{told}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _head(head: str, lang: Language) -> str:
    if not head:
        return "<td></td>"
    kind = ' class="number"' if head.startswith("#") else ""
    return f'<th scope="col"{kind}>{text(word(head.removeprefix("#"), lang))}</th>'


def _bars(bins: Sequence[Bin], heads: tuple[str, str], lang: Language) -> str:
    """Bars in a table: what they show stands beside each as a number."""
    most = max((count for _, count in bins), default=0) or 1
    rows = [
        f'<th scope="row">{text(name)}</th><td class="wide"><div class="bar" aria-hidden="true">'
        f'<span style="width:{100 * count / most:.0f}%"></span></div></td>'
        f'<td class="number">{count}</td>'
        for name, count in bins
    ]
    return _table((heads[0], "", heads[1]), rows, lang) if rows else ""


def _failures(results: Sequence[Result], lang: Language) -> str:
    rows = [
        f"<td>{phrase(verdict.says.text(lang))}"
        f"{' (' + text(word('hidden', lang)) + ')' if verdict.hidden else ''}"
        f'<p class="why">{text(exercise)} · {text(verdict.name)}</p></td>'
        f'<td class="number">{count} / {len(results)}</td>'
        for exercise, verdict, count in failures(results)
    ]
    return _table(("check", "#times"), rows, lang) if rows else ""


def _doubtful(results: Sequence[Result], lang: Language) -> str:
    told = [
        f"<li>{_link(result)}: {text(word(result.ended, lang))}. {text(result.detail)}</li>"
        for result in results
        if result.doubtful
    ]
    return "<ul>\n" + "\n".join(told) + "\n</ul>" if told else ""


def _link(result: Result) -> str:
    place = quote(f"feedback/{result.sender.key}.html")
    return f'<a href="{place}">{text(result.sender.name)}</a>'


def _grades(results: Sequence[Result], lang: Language) -> str:
    rows = (
        f'<th scope="row">{_link(result)}</th>'
        f'<td class="number">{number(result.points) if result.graded else "–"}'
        f" / {number(result.of)}</td>"
        f"<td>{text(word(result.ended, lang))}{_detail(result)}</td>"
        for result in results
    )
    return _table(("student", "#points", "how"), rows, lang)


def _detail(result: Result) -> str:
    return f'<p class="why">{text(result.detail)}</p>' if result.detail else ""
