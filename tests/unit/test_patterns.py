"""Regular expressions of strangers: as Python's where both agree, but never for long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlab.formats.patterns import search

PIECES = [
    "a",
    "b",
    ".",
    "[ab]",
    "[^a]",
    r"\d",
    r"\W",
    "^",
    "$",
    r"\b",
    "(",
    ")",
    "|",
    "*",
    "+",
    "?",
]
PIECES += ["{2}", "{1,3}", "{2,}", "+?", "(?:", "-", "1"]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text("ab1-", max_size=8),
)
def test_it_finds_what_python_finds(pattern: str, text: str) -> None:
    try:
        expected = re.search(pattern, text, re.ASCII) is not None
    except re.error:
        with pytest.raises(ValueError, match="not a pattern"):
            search(pattern, text)
        return
    try:
        found = search(pattern, text)
    except ValueError:
        # What takes all and gives nothing back is an addition of Python's.
        assert re.search(r"[*+?}]\+", pattern)
    else:
        assert found is expected


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^web[-_][0-9]+$", "web-12", True),
        ("^web[-_][0-9]+$", "web-12x", False),
        ("(?i)WEB", "a web", True),
        ("(?i)[W-Z]eb", "a web", True),
        ("", "", True),
    ],
)
def test_names(pattern: str, text: str, found: bool) -> None:
    assert search(pattern, text) is found


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "^a*a*a*a*a*a*$", "(.*)*x", "((a*)*)*b"])
def test_none_takes_long(pattern: str) -> None:
    begin = time.monotonic()
    assert not search(pattern, "a" * 1000 + "!")
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize(
    "pattern",
    ["(", "a{1000}", "(a{99}){99}", "(?=a)", r"(a)\1", "(" * 5000 + ")" * 5000, "(?<=a)b"],
)
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError):
        search(pattern, "a")
