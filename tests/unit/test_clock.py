"""Times as Docker writes and reads them."""

from __future__ import annotations

import time

import pytest

from dockerlab.engine.containers.looks import clock
from dockerlab.engine.errors import BadParameter

MOMENT = 1_795_503_688_391_581_542


def test_stamps() -> None:
    assert clock.stamp(MOMENT) == "2026-11-24T07:01:28.391581542Z"
    assert clock.stamp(1_000_000_000) == "1970-01-01T00:00:01Z"
    assert clock.stamp(1_500_000_000) == "1970-01-01T00:00:01.5Z"
    assert clock.unix(clock.stamp(MOMENT)) == MOMENT
    assert clock.unix(clock.NEVER) == 0


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1795503688.391581542", MOMENT),
        ("1795503688", 1_795_503_688_000_000_000),
        ("0", 0),
        ("2026-11-24T07:01:28.391581542Z", MOMENT),
        ("2026-11-24T16:01:28.391581542+09:00", MOMENT),
        ("1970-01-02", 86_400_000_000_000),
        ("1970-01-01T00:01", 60_000_000_000),
    ],
)
def test_points_in_time(text: str, ns: int) -> None:
    assert clock.parse(text) == ns


def test_durations_count_back() -> None:
    assert abs(time.time_ns() - clock.parse("1m30s") - 90_000_000_000) < 1_000_000_000


@pytest.mark.parametrize("text", ["", "abc", "2026-13-01", "10x", "1.2.3"])
def test_no_times(text: str) -> None:
    with pytest.raises(BadParameter):
        clock.parse(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (150, "2 minutes"),
        (3600, "About an hour"),
        (3 * 3600, "3 hours"),
        (47 * 3600, "47 hours"),
        (50 * 3600, "2 days"),
        (15 * 86400, "2 weeks"),
        (70 * 86400, "2 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert clock.human(seconds) == words
