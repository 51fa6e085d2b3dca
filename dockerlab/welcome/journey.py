"""How far one has come, chapter by chapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dockerlab.course.items import CHAPTERS, Chapter
from dockerlab.formats.welcome import Stop
from dockerlab.grading.bank import Bank, Entry, NoBank
from dockerlab.grading.learner.records import Record, Records
from dockerlab.views.words import Language
from dockerlab.welcome.visits import visited


def journey(lang: Language, folder: Path | None = None) -> tuple[Stop, ...]:
    """The chapters with links as seen from ``folder``, the start page's (the current one)."""
    folder = folder or Path.cwd()
    records, opened = Records().all(), visited()
    try:
        bank: Bank | None = Bank()
    except NoBank:  # a learner's copy may come without it
        bank = None
    return tuple(
        _stop(
            chapter,
            lang,
            bank.entries(chapter.number) if bank else (),
            records,
            tasks=_tasks(chapter.number, lang, folder),
            opened=chapter.number in opened,
        )
        for chapter in CHAPTERS
    )


def _stop(
    chapter: Chapter,
    lang: Language,
    entries: Sequence[Entry],
    records: Mapping[str, Record],
    *,
    tasks: str,
    opened: bool,
) -> Stop:
    mine = [(entry, records[entry.id]) for entry in entries if entry.id in records]
    passed = [entry for entry, record in mine if record.state == "passed"]
    taught = {item.number for item in chapter.items}
    practised = taught & {item for entry in passed for item in entry.exercise.items}
    return Stop(
        number=chapter.number,
        title=chapter.title_ko if lang == "ko" else chapter.title,
        page=f"{lang}/{chapter.notebook}",
        lessons=len(chapter.items),
        tasks=tasks,
        exercises=len(entries),
        done=len(passed),
        practised=len(practised),
        tried=any(record.checks for _, record in mine),
        opened=opened,
    )


def _tasks(number: int, lang: Language, folder: Path) -> str:
    """Where a chapter's exercises are; empty if they are not here."""
    name = f"chapter{number}-ko" if lang == "ko" else f"chapter{number}"
    link = f"../exercises/release/{name}/{name}.ipynb"
    return link if (folder / link).is_file() else ""
