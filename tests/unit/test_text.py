"""Docker's way of writing ages, sizes and columns."""

from __future__ import annotations

import pytest

from dockerlab.formats import text

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (59 * 60, "59 minutes"),
        (HOUR, "About an hour"),
        (1.6 * HOUR, "2 hours"),
        (47 * HOUR, "47 hours"),
        (2 * DAY, "2 days"),
        (13 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (59 * DAY, "8 weeks"),
        (61 * DAY, "2 months"),
        (700 * DAY, "23 months"),
        (731 * DAY, "2 years"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert text.duration(seconds) == words


def test_age_of_nothing_and_of_the_future() -> None:
    assert text.age(0, 100) == "N/A"
    assert text.age(200, 100) == "Less than a second ago"


@pytest.mark.parametrize(
    ("number", "short", "long"),
    [
        (0, "0B", "0B"),
        (753, "753B", "753B"),
        (2410000, "2.41MB", "2.41MB"),
        (222_400, "222kB", "222.4kB"),
        (26_514_000, "26.5MB", "26.51MB"),
        (1_500_000_000, "1.5GB", "1.5GB"),
    ],
)
def test_size(number: int, short: str, long: str) -> None:
    assert text.size(number) == short
    assert text.size(number, 4) == long


def test_binary_size_is_that_of_stats() -> None:
    assert text.binary_size(610304) == "596KiB"
    assert text.binary_size(25276514304) == "23.54GiB"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("64m", 64 << 20),
        ("1g", 1 << 30),
        ("1.5k", 1536),
        ("10", 10),
        ("5MB", 5 << 20),
        ("2GiB", 2 << 30),
    ],
)
def test_parse_size(written: str, number: int) -> None:
    assert text.parse_size(written) == number


@pytest.mark.parametrize("bad", ["", "m", "-5m", "5x", "5 5", "1e3"])
def test_parse_size_refuses(bad: str) -> None:
    with pytest.raises(ValueError, match="invalid size"):
        text.parse_size(bad)


def test_parse_duration() -> None:
    assert text.parse_duration("1m30s") == 90
    assert text.parse_duration("500ms") == 0.5
    for bad in ("", "10", "s", "1x", "1m-"):
        with pytest.raises(ValueError, match="invalid duration"):
            text.parse_duration(bad)


def test_parse_time() -> None:
    assert text.parse_time("1970-01-01T00:00:10.5Z") == 10.5
    assert text.parse_time("1970-01-01T01:00:10+01:00") == 10
    assert text.parse_time("0001-01-01T00:00:00Z") == 0
    assert text.parse_time("yesterday") == 0


def test_columns_are_at_least_ten_wide_and_three_apart() -> None:
    table = text.columns(("ID", "IMAGE NAME LONG", "LAST"), [("a", "b", "c")])
    assert table == "ID        IMAGE NAME LONG   LAST\na         b                 c"
    assert text.columns((), []) == ""
    assert text.columns(("A", "B"), [], minimum=20) == "A" + " " * 19 + "B"


def test_quoted_shows_a_command_as_docker_does() -> None:
    assert text.quoted('sh -c "a\nb"') == '"sh -c \\"a\\nb\\""'
    assert text.ellipsis("docker-entrypoint.sh redis-server", 20) == "docker-entrypoint.s…"


def test_plain_drops_colours_and_titles_but_no_text() -> None:
    assert text.plain("\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07end\x08") == "red\nend"
