"""What to do about a YAML text that the parser cannot read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    hint: str
    line: int
    column: int


def explained(error: yaml.MarkedYAMLError, text: str) -> Words:
    """The parser's complaint with its line, and what probably has to be changed there."""
    unclosed = "end of stream" in (error.problem or "") and error.context_mark
    mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    column = mark.column + 1 if mark else 0
    lines = text.splitlines()
    tab = _tab(lines, line)
    if tab:
        return Words(
            "a tab stands in the indentation; YAML wants spaces",
            "Replace the tab by spaces: two for each level.",
            tab,
            1,
        )
    problem = error.problem or "not YAML"
    before = f"{error.context}, " if error.context else ""
    return Words(f"yaml: {before}{problem}", _hint(problem, lines, line), line, column)


def _tab(lines: list[str], line: int) -> int:
    """The line with a tab in its indentation, at or just before the one complained about."""
    for number in (line, line - 1):
        if 0 < number <= len(lines) and re.match(r"[ ]*\t", lines[number - 1]):
            return number
    return 0


def _hint(problem: str, lines: list[str], line: int) -> str:
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    above = lines[line - 2] if 1 < line <= len(lines) + 1 else ""
    for text in (here, above):
        if found := re.match(r"\s*(?:- )?([A-Za-z_][\w-]*):[^\s:/]", text):
            return f"Put a space after the colon: `{found[1]}: …`."
    if "mapping values are not allowed" in problem:
        return (
            "Look at the indentation of this line and of the one above; "
            'a value with ": " inside needs quotes.'
        )
    if "expected ':'" in problem or "expected key" in problem:
        return "Look for a missing colon, or for a line that is indented differently than its kind."
    if "'-' indicator" in problem:
        return "Give all items of the list the same indentation, each with its `- `."
    if "end of stream" in problem or "scalar" in problem:
        return "A quote or a bracket is opened and not closed."
    if "expected ',' or" in problem:
        if "${" in here:
            return 'Put a value with ${…} in quotes: "${NAME}".'
        return "Close the bracket, or put a comma between the items."
    return ""
