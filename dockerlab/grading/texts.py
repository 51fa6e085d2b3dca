"""The words of an exercise: ``en.md`` and ``ko.md``, read side by side.

    # Title
    The instruction.
    ## Hints
    1. A push. 2. A stronger one, on a line of its own.
    ## check: NAME
    What to try when the check NAME fails and no misconception was seen.
    ## spot: NAME
    What to say of the misconception NAME; its {fields} are filled in.
    ## question: NAME
    What a quiz asks, then its options, if it has any:
    - a: The first one.

The headings stay English in both files: they say what a part is for.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dockerlab.errors import FormatError

Pair = tuple[str, str]
"""English, Korean."""

_HEADING = re.compile(r"## +(?:(?P<hints>Hints)|(?P<kind>check|spot|question): *(?P<name>\S+))\s*")
_TIER = re.compile(r"\d+\. +(.*)")
_OPTION = re.compile(r"- +([\w.-]+): +(.*)")
_FIELD = re.compile(r"\{\w+\}")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")


class ExerciseError(FormatError):
    """A file of an exercise is not what it should be; the message begins with ``file:line``."""

    def __init__(self, path: Path, line: int, what: str, hint: str = "") -> None:
        super().__init__(f"{path}:{line}: {what}" if line else f"{path}: {what}", hint)
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Wording:
    """What a question asks, and its options by name, in the order they are shown in."""

    prompt: Pair
    options: Mapping[str, Pair] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Texts:
    """Both editions of all that an exercise says.

    ``tiers`` are the hints that can be asked for, each more telling than the one before;
    ``checks`` and ``spots`` hold the hints that fit a state, by name.
    """

    title: Pair
    instruction: Pair
    tiers: tuple[Pair, ...] = ()
    checks: Mapping[str, Pair] = field(default_factory=dict)
    spots: Mapping[str, Pair] = field(default_factory=dict)
    questions: Mapping[str, Wording] = field(default_factory=dict)

    @property
    def hints(self) -> Mapping[str, Pair]:
        """Of checks and spots together: no check is named as a spot."""
        return {**self.checks, **self.spots}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of one edition: its lines, ``line`` being the number of the heading's."""

    kind: str
    name: str
    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


Edition = Mapping[tuple[str, str], Section]


def read_texts(folder: Path) -> Texts:
    """What ``en.md`` and ``ko.md`` say. Raises ExerciseError where they differ in their parts."""
    en, ko = (folder / f"{lang}.md" for lang in ("en", "ko"))
    return _Pairing((en, ko), (read_edition(en), read_edition(ko))).texts()


def read_edition(path: Path) -> Edition:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ExerciseError(path, 0, f"it cannot be read ({error})") from None
    if not lines or not re.match(r"# +\S", lines[0]):
        raise ExerciseError(path, 1, "the title is missing", "Begin with: # Title")
    sections = {("title", ""): Section("title", "", 1, (lines[0][1:].strip(),))}
    for section in _sections(path, lines):
        key = (section.kind, section.name)
        if key in sections:
            raise ExerciseError(path, section.line, "this part is there twice")
        sections[key] = section
    return sections


def _sections(path: Path, lines: Sequence[str]) -> Iterator[Section]:
    kind, name, start = "instruction", "", 1
    for number in [*_headings(lines), len(lines)]:
        yield Section(kind, name, start, tuple(lines[start:number]))
        if number == len(lines):
            return
        found = _HEADING.fullmatch(lines[number])
        if found is None:
            raise ExerciseError(
                path, number + 1, f"no such part: {lines[number]!r}",
                "A part is ## Hints, ## check: NAME, ## spot: NAME or ## question: NAME;"
                " use ### for headings of your own.",
            )  # fmt: skip
        kind, name, start = found["kind"] or "hints", found["name"] or "", number + 1


def _headings(lines: Sequence[str]) -> Iterator[int]:
    """Where parts begin; what looks like one in a block of code is none."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence and line.strip() == fence:
            fence = ""
        elif not fence and line.startswith("## "):
            yield number


class _Pairing:
    """Puts two editions side by side."""

    def __init__(self, paths: tuple[Path, Path], editions: tuple[Edition, Edition]) -> None:
        self.paths = paths
        self.editions = editions
        for one, other in ((0, 1), (1, 0)):
            for key in editions[one].keys() - editions[other].keys():
                raise self._error(one, key, f"{paths[other].name} has no such part")

    def texts(self) -> Texts:
        return Texts(
            title=self._pair(("title", "")),
            instruction=self._pair(("instruction", "")),
            tiers=self._tiers(),
            checks={name: self._pair(("check", name)) for name in self._names("check")},
            spots={name: self._filled(("spot", name)) for name in self._names("spot")},
            questions={name: self._question(name) for name in self._names("question")},
        )

    def _names(self, kind: str) -> list[str]:
        return [name for found, name in self.editions[0] if found == kind]

    def _pair(self, key: tuple[str, str]) -> Pair:
        for side, edition in enumerate(self.editions):
            if not edition[key].text:
                raise self._error(side, key, "this part is empty")
        return self.editions[0][key].text, self.editions[1][key].text

    def _filled(self, key: tuple[str, str]) -> Pair:
        """A pair whose fields are filled in: both have the same."""
        en, ko = self._pair(key)
        if set(_FIELD.findall(en)) != set(_FIELD.findall(ko)):
            raise self._error(1, key, f"its {{fields}} are not those of {self.paths[0].name}")
        return en, ko

    def _tiers(self) -> tuple[Pair, ...]:
        key = ("hints", "")
        if key not in self.editions[0]:
            return ()
        en, ko = (listed(path, edition[key], _TIER) for path, edition in self._sides())
        if len(en) != len(ko):
            raise self._error(1, key, f"{len(ko)} hints, but {len(en)} in {self.paths[0].name}")
        return tuple(zip((text for _, text in en), (text for _, text in ko), strict=True))

    def _question(self, name: str) -> Wording:
        key = ("question", name)
        prompts, options = zip(
            *(_asked(path, edition[key]) for path, edition in self._sides()), strict=True
        )
        en, ko = options
        if list(en) != list(ko):
            raise self._error(1, key, f"its options are not those of {self.paths[0].name}")
        return Wording(prompts, {name: (en[name], ko[name]) for name in en})

    def _sides(self) -> Iterator[tuple[Path, Edition]]:
        return zip(self.paths, self.editions, strict=True)

    def _error(self, side: int, key: tuple[str, str], what: str) -> ExerciseError:
        return ExerciseError(self.paths[side], self.editions[side][key].line, what)


def _asked(path: Path, section: Section) -> tuple[str, dict[str, str]]:
    first = next((n for n, line in enumerate(section.lines) if _OPTION.match(line)), None)
    prompt = "\n".join(section.lines[:first]).strip()
    if not prompt:
        raise ExerciseError(path, section.line, "the question asks nothing")
    if first is None:
        return prompt, {}
    rest = Section("", "", section.line + first, section.lines[first:])
    pairs = [(str(found[1]), text) for found, text in listed(path, rest, _OPTION)]
    return prompt, dict(pairs)


def listed(path: Path, section: Section, item: re.Pattern[str]) -> list[tuple[re.Match[str], str]]:
    """The items of a list, each with its text; lines that go on are indented."""
    found: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(section.lines, section.line + 1):
        if begun := item.fullmatch(line):
            found.append((begun, []))
        elif found and (not line.strip() or line.startswith("  ")):
            found[-1][1].append(line)
        elif line.strip():
            raise ExerciseError(path, number, f"this is no item of a list: {line!r}")
    return [(begun, _joined(begun, more)) for begun, more in found]


def _joined(begun: re.Match[str], more: list[str]) -> str:
    text: str = begun[begun.re.groups]
    return "\n".join([text, textwrap.dedent("\n".join(more))]).strip()
