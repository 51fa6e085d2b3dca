"""The language that was chosen on the start page, kept beside the records of one's progress."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import get_args

from dockerlab.grading.learner.records import location
from dockerlab.views.words import LANGUAGE_VARIABLE, Language, default_language


def _file() -> Path:
    return location().with_name("language")


def kept() -> Language | None:
    """What was chosen, if anything was."""
    try:
        chosen = _file().read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
    return next((one for one in get_args(Language) if one == chosen), None)


def keep(lang: Language) -> None:
    """Remember it; a home that cannot be written to just has no memory."""
    with contextlib.suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(f"{lang}\n", "utf-8")


def language() -> Language:
    """What was chosen, else $DOCKERLAB_LANG, else English."""
    return kept() or default_language()


def open_to_guess() -> bool:
    """Whether neither the learner nor the teacher has said which."""
    return kept() is None and not os.environ.get(LANGUAGE_VARIABLE)
