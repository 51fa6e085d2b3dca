"""``dockerlab.explain``: a Dockerfile read as the course would read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from dockerlab.course.advice.rules import Remark, Subject, remarks
from dockerlab.course.advice.sayings import BROKEN, SAYINGS, WORDS, Pair
from dockerlab.errors import DockerfileError, DockerlabError
from dockerlab.formats.dockerfile import reader
from dockerlab.views.words import Language, default_language

MOST_BYTES = 1 << 20
"""A larger file is no Dockerfile that somebody wrote."""


_CELL = 'style="text-align:left;word-break:keep-all"'
"""At the left, as JupyterLab would not have it; and Korean words stay whole in a narrow column."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of advice. ``item`` is the chapter item that explains it; ``line`` 0: the file."""

    rule: str
    item: str
    line: int
    mistake: bool
    title: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Advice:
    """All findings, by line; empty for a Dockerfile that is fine."""

    findings: tuple[Finding, ...]
    lang: Language = "en"

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        if not self.findings:
            return self._word("fine")
        return "\n".join(line for one in self.findings for line in self._told(one))

    def _told(self, one: Finding) -> Sequence[str]:
        kind = self._word("mistake" if one.mistake else "advice")
        see = self._word("see").format(item=one.item)
        head = f"{self._place(one)} · {kind}: {one.title} ({see})"
        return [head, f"    {one.why}", *([f"    → {one.remedy}"] if one.remedy else [])]

    def _place(self, one: Finding) -> str:
        if not one.line:
            return self._word("whole")
        return self._word("at").format(line=one.line)

    def _repr_html_(self) -> str:
        if not self.findings:
            return f"<p>✓ {escape(self._word('fine'))}</p>"
        names = ("line", "kind", "what", "remedy", "item")
        head = "".join(f'<th scope="col" {_CELL}>{escape(self._word(name))}</th>' for name in names)
        body = "".join(self._row(one) for one in self.findings)
        caption = f"<caption>{escape(self._word('title'))}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _row(self, one: Finding) -> str:
        kind = ("✗ " if one.mistake else "☞ ") + self._word("mistake" if one.mistake else "advice")
        cells = [escape(str(one.line or self._word("whole"))), escape(kind)]
        cells.append(f"<b>{escape(one.title)}</b><br>{escape(one.why)}")
        cells += [escape(one.remedy), escape(one.item)]
        return "<tr>" + "".join(f"<td {_CELL}>{c}</td>" for c in cells) + "</tr>"

    def _word(self, name: str) -> str:
        return _pick(WORDS[name], self.lang)


def explain(dockerfile: str | Path, *, lang: Language | None = None) -> Advice:
    """What the course would say about a Dockerfile: its text, its path, or the folder it is in.

    >>> dockerlab.explain("FROM node:22\\nRUN npm install\\n")  # doctest: +SKIP
    line 2 · mistake: npm has nothing to read here (see 4.1)
    """
    lang = lang or default_language()
    text, ignored = _read(dockerfile)
    try:
        subject = Subject(reader.read(text), ignored)
    except DockerfileError as error:
        return Advice((_broken(error, lang),), lang)
    return Advice(tuple(_finding(remark, lang) for remark in remarks(subject)), lang)


def _read(dockerfile: str | Path) -> tuple[str | bytes, bool | None]:
    """The text, and whether a .dockerignore lies beside it (None for a text alone)."""
    if isinstance(dockerfile, str) and "\n" in dockerfile.strip("\n"):
        return dockerfile, None
    path = Path(dockerfile)
    if path.is_dir():
        path = path / "Dockerfile"
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        if isinstance(dockerfile, str) and " " in dockerfile.strip():
            return dockerfile, None  # a Dockerfile of a single line
        raise DockerlabError(
            f"there is no Dockerfile at {path}: {(error.strerror or 'it cannot be read').lower()}",
            "Give its path, its folder, or its text.",
        ) from None
    if len(text) > MOST_BYTES:
        raise DockerlabError(f"{path} is too large for a Dockerfile", "Is it the right file?")
    ignore = (path.parent / ".dockerignore", path.with_name(f"{path.name}.dockerignore"))
    return text, any(one.is_file() for one in ignore)


def _broken(error: DockerfileError, lang: Language) -> Finding:
    facts = {"message": error.message, "hint": error.hint}
    return _said("broken", Remark("broken", error.line, facts), lang)


def _finding(remark: Remark, lang: Language) -> Finding:
    return _said(remark.rule, remark, lang)


def _said(rule: str, remark: Remark, lang: Language) -> Finding:
    saying = SAYINGS.get(rule, BROKEN)

    def filled(pair: Pair) -> str:
        return _pick(pair, lang).format_map(remark.facts)

    return Finding(
        rule=rule,
        item=saying.item,
        line=remark.line,
        mistake=saying.mistake,
        title=filled(saying.title),
        why=filled(saying.why),
        remedy=filled(saying.remedy),
    )


def _pick(pair: Pair, lang: Language) -> str:
    return pair[1 if lang == "ko" else 0]
