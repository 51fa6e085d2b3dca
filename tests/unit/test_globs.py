from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.engine.build.files import sources
from dockerlab.errors import FormatError
from dockerlab.formats.dockerfile import parser
from dockerlab.formats.globs import DEEP, FOLDERS, STAR, Glob
from dockerlab.formats.ignorefile import Ignore

PARTS = st.lists(st.sampled_from([STAR, DEEP, FOLDERS, "a", "b", "/", "[^/]", "[^a]"]), max_size=9)
PATHS = st.text(alphabet="ab/", max_size=9)


@given(parts=PARTS, path=PATHS)
def test_a_glob_means_what_its_regular_expression_means(parts: list[str], path: str) -> None:
    expected = re.compile("".join(parts), re.DOTALL).fullmatch(path) is not None
    assert Glob(parts).matches(path) is expected
    many = [STAR, "a", STAR, "a", STAR, "/", *parts]  # more than are left to ``re``
    expected = re.compile("".join(many), re.DOTALL).fullmatch(f"aa/{path}") is not None
    assert Glob(many).matches(f"aa/{path}") is expected


def test_a_malformed_part() -> None:
    for parts in (["[b-a]"], [STAR, "a", STAR, "a", STAR, "[b-a]"]):
        with pytest.raises(re.error):
            Glob(parts)


@pytest.mark.parametrize("pattern", ["*a" * 40 + "b", "*" * 5000 + "b", "?*" * 2000, "a" * 50_000])
def test_a_pattern_of_many_stars_takes_no_time(pattern: str) -> None:
    path, begun = "a" * 250, time.process_time()
    ignored = Ignore.read(f"{pattern}\n**/{pattern}/**/{pattern}\n")
    assert not ignored.matches("/".join([path] * 8))
    matches = sources.matcher(pattern)
    assert matches is not None
    assert not matches(path)
    assert time.process_time() - begun < 2


def test_a_pattern_of_many_brackets_takes_no_time() -> None:
    begun = time.process_time()
    with pytest.raises(FormatError, match="syntax error in pattern") as raised:
        Ignore.read("[a" * 400_000)
    assert len(str(raised.value)) < 500
    assert sources.matcher("[a" * 400_000) is None
    assert time.process_time() - begun < 1


def test_a_directive_of_many_spaces_takes_no_time() -> None:
    begun = time.process_time()
    parsed = parser.parse("# syntax=a" + " " * 65_000 + "b\nFROM x")
    assert parsed.syntax.endswith("b")
    assert time.process_time() - begun < 1
