"""Secrets stay out of what is written, however it is cut."""

from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.pipeline.masking import Masks, Stream

SECRET = "wJalr/K7 MDENG+bPx\"Rf'i"


def through(masks: Masks, pieces: list[bytes]) -> bytes:
    stream = Stream(masks)
    return b"".join([*(stream.feed(piece) for piece in pieces), stream.end()])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[begin:end] for begin, end in itertools.pairwise(ends)]


@given(
    st.lists(st.sampled_from(["abcab", "abab", "a", "b", "c", "abcabcab", "\n"]), max_size=12),
    st.lists(st.integers(0, 60), max_size=8),
)
def test_no_cut_lets_a_secret_through(parts: list[str], places: list[int]) -> None:
    masks = Masks(["abcab", "ababab"])
    data = "".join(parts).encode()
    whole = through(masks, [data])
    pieces = through(masks, cut(data, places))
    for secret in (b"abcab", b"ababab"):
        assert secret not in whole
        assert secret not in pieces
    # What is no secret comes through whole.
    assert pieces.replace(b"***", b"") == whole.replace(b"***", b"")


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_what_holds_no_secret_is_left_as_it_is(data: bytes, places: list[int]) -> None:
    masks = Masks([SECRET])
    if not any(pattern in data for pattern in masks.patterns):
        assert through(masks, cut(data, places)) == data


@pytest.mark.parametrize("before", ["", "u", "us", "usr:", "user: "])
@pytest.mark.parametrize("after", ["", "\n", "xy", "123456"])
def test_encoded_forms_are_found(before: str, after: str) -> None:
    masks = Masks([SECRET])
    text = before + SECRET + after
    for told in (
        text,
        base64.b64encode(text.encode()).decode(),
        base64.urlsafe_b64encode(text.encode()).decode(),
        quote(text),
        quote(text, safe=""),
        quote_plus(text),
        json.dumps(text),
        text.encode().hex(),
    ):
        shown = masks.text(f"[{told}]")
        assert "***" in shown
        # No more of it is seen than base64 mixes with its neighbours.
        assert len(shown) < len(f"[***]{before}{after}") * 3 + 8


def test_each_line_of_a_secret_counts() -> None:
    masks = Masks(["-----KEY-----\nabcdefgh\nxy\n"])
    assert masks.text("a abcdefgh b\n-----KEY-----") == "a *** b\n***"


def test_what_may_begin_a_secret_waits_for_the_rest() -> None:
    stream = Stream(Masks(["secret-1234"]))
    assert stream.feed(b"a line\nsecret-") == b"a line\n"
    assert stream.feed(b"12") == b""
    assert stream.feed(b"34 and") == b"*** and"
    assert stream.feed(b" secret-12") == b" "
    assert stream.end() == b"secret-12"


def test_a_secret_that_repeats_without_end_takes_no_memory() -> None:
    stream = Stream(Masks(["aaaa"]))
    out = b"".join(stream.feed(b"a" * 1000) for _ in range(50)) + stream.end()
    assert b"a" not in out
    assert len(stream._held) == 0


def test_short_ones_are_not_looked_for() -> None:
    assert Masks(["abc", ""]).patterns == []
    assert Masks([]).text("abc") == "abc"
