"""A terminal's output as lines, whatever pieces it comes in."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dockerlab.formats.terminal import LONGEST, Terminal, render

LINENOISE = (
    b"\r127.0.0.1:6379> \x1b[0K\r\x1b[16C"
    b"\r127.0.0.1:6379> p\x1b[0K\r\x1b[17C"
    b"\r127.0.0.1:6379> pi\x1b[0K\r\x1b[18C\r\nPONG\r\n"
)


def test_a_line_that_is_edited_stands_there_once() -> None:
    assert render(LINENOISE) == "127.0.0.1:6379> pi\nPONG\n"


def test_backspace_and_rewriting() -> None:
    assert render(b"abc\b\bX\r\n") == "aXc\n"
    assert render(b"progress 10%\rprogress 20%\r\n") == "progress 20%\n"
    assert render(b"long line\r\x1b[Kshort\r\n") == "short\n"
    assert render(b"abcdef\x1b[3D\x1b[K\r\n") == "abc\n"


def test_colours_titles_and_questions_to_the_terminal_are_dropped() -> None:
    assert render(b"\x1b[6n\x1b]0;title\x07\x1b[1;34mbin\x1b[m\x1b(B\r\n") == "bin\n"


@given(st.lists(st.integers(0, len(LINENOISE)), max_size=8))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    terminal = Terminal()
    edges = [0, *sorted(cuts), len(LINENOISE)]
    for start, end in pairwise(edges):
        terminal.feed(LINENOISE[start:end])
    assert terminal.text == render(LINENOISE)


@given(st.binary(max_size=400))
def test_any_bytes_become_text(data: bytes) -> None:
    assert "\x1b" not in render(data)


def test_cut_characters_are_put_together() -> None:
    terminal = Terminal()
    for byte in "한글 ✓".encode():
        terminal.feed(bytes([byte]))
    assert terminal.line == "한글 ✓"


def test_an_endless_line_is_cut() -> None:
    assert len(render(b"x" * (LONGEST + 500))) == LONGEST


def test_the_cursors_place_is_told_when_asked() -> None:
    """As linenoise in redis-cli measures a terminal whose size nobody has set."""
    terminal = Terminal(columns=80)
    terminal.feed(b"ready\r\n\x1b[6n")
    assert terminal.answer() == b"\x1b[1;1R"
    assert terminal.answer() == b"", "told once"
    terminal.feed(b"\x1b[999C\x1b[6")
    terminal.feed(b"n")
    assert terminal.answer() == b"\x1b[1;80R", "not beyond its edge"


def test_a_shell_that_asks_behind_its_prompt_gets_no_answer() -> None:
    terminal = Terminal()
    terminal.feed(b"/ # \x1b[6n")
    assert terminal.answer() == b""
