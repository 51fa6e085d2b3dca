"""Questions in one language: of an exercise in the bank, or of the file that goes with a notebook.

Who is handed a notebook has no bank. The questions lie in the exercise's folder then, without the
answers, as ``.questions.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

from dockerlab.grading.bank import Entry
from dockerlab.grading.bench import read_text
from dockerlab.grading.exercise import Kind
from dockerlab.views.words import Language

FILE = ".questions.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in one language; ``options`` by name."""

    name: str
    kind: Kind
    prompt: str
    options: Mapping[str, str] = field(default_factory=dict)

    def fits(self, value: Any) -> bool:
        """Whether ``value`` is an answer of this kind; what a browser sends may be anything."""
        if self.kind == "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind in ("choice", "text"):
            return isinstance(value, str) and (self.kind == "text" or value in self.options)
        return isinstance(value, list) and all(one in self.options for one in map(str, value))

    def told(self, value: Any) -> str:
        """An answer in the words of the options."""
        values = value if isinstance(value, list) else [value]
        words = (self.options.get(str(one), str(one)).replace("`", "") for one in values)
        return (" → " if self.kind == "order" else ", ").join(words)


@dataclass(frozen=True, slots=True)
class Questions:
    """All of an exercise, and its title."""

    title: str
    asked: tuple[Asked, ...] = ()

    def write(self, folder: Path) -> None:
        """Into an exercise's folder that is handed out."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / FILE).write_text(f"{text}\n", "utf-8")


def of_entry(entry: Entry, lang: Language) -> Questions:
    """What the bank asks; nothing where the exercise has no questions."""
    side = lang == "ko"
    worded = entry.texts.questions
    asked = (
        Asked(name, kind, worded[name].prompt[side], _side(worded[name].options, side))
        for name, kind in entry.exercise.questions.items()
    )
    return Questions(entry.texts.title[side], tuple(asked))


def in_folder(folder: Path) -> Questions | None:
    """What was written there; None where there is no such file, or it was changed by hand."""
    try:
        kept = json.loads(read_text(folder, FILE) or "")
        questions = Questions(str(kept["title"]), tuple(Asked(**one) for one in kept["asked"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return questions if all(one.kind in get_args(Kind) for one in questions.asked) else None


def _side(options: Mapping[str, tuple[str, str]], side: bool) -> dict[str, str]:
    return {name: pair[side] for name, pair in options.items()}
