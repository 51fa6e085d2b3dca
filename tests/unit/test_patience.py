"""A pull says how far it is only when it takes long."""

from __future__ import annotations

import io

from dockerlab.client.patience import Patience

LAYERS = [
    {"id": "a", "progressDetail": {"current": 1_000_000, "total": 4_000_000}},
    {"id": "b", "progressDetail": {"current": 2_000_000, "total": 2_000_000}},
    {"id": "b", "status": "Pull complete"},
]


def told(moment: float) -> str:
    stream = io.StringIO()
    patience = Patience("shop", stream, moment)
    for message in LAYERS:
        patience(message)
        patience._due *= bool(moment)  # due again at once
    return stream.getvalue()


def test_a_long_one_counts_the_bytes_of_all_layers() -> None:
    assert [line.strip() for line in told(0).split("\r") if line] == [
        "Pulling shop: 1MB of 4MB",
        "Pulling shop: 3MB of 6MB",
        "Pulling shop: 3MB of 6MB",
    ]


def test_a_short_one_is_silent() -> None:
    assert told(3600) == ""
