"""An action says how far it is only when it takes long."""

from __future__ import annotations

import io
import time
from contextlib import suppress

import pytest

from dockerlab.client.patience import Pulled, said, step_of, telling
from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.formats.composed import plan

LAYERS = [
    {"id": "a", "progressDetail": {"current": 1_000_000, "total": 4_000_000}},
    {"id": "b", "progressDetail": {"current": 2_000_000, "total": 2_000_000}},
    {"id": "b", "status": "Pull complete"},
]


def told(text: str, moment: float, silent: bool = False) -> list[str]:
    stream = io.StringIO()
    with telling("Building shop", silent=silent, stream=stream, moment=moment) as at:
        at(text)
        time.sleep(0.05)
    return [line.rstrip(" ") for line in stream.getvalue().split("\r") if line]


def test_a_long_one_ends_with_its_last_state_and_the_time_it_took() -> None:
    assert " ".join(told("step 2 of 3", 0)[-1].split()) == "Building shop: step 2 of 3 (0 s)"
    assert told("step 2 of 3", 0)[-1].endswith("\n")


def test_a_line_stays_one() -> None:
    line = told("RUN " + "x" * 200, 0)[-1].rstrip()
    assert len(line) == 79
    assert line.endswith("x… (0 s)")


def test_a_quiet_one_counts_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockerlab.client.patience.EVERY", 0.01)
    stream = io.StringIO()
    with telling("Pulling shop", stream=stream, moment=0):
        time.sleep(0.2)
    assert stream.getvalue().count("Pulling shop …") > 2


def test_an_error_has_a_line_of_its_own() -> None:
    stream = io.StringIO()
    with suppress(ZeroDivisionError), telling("Building", stream=stream, moment=0):
        time.sleep(0.05)
        raise ZeroDivisionError
    assert stream.getvalue().endswith("\n")


def test_what_is_short_or_shown_otherwise_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("step 1", 3600) == []
    assert told("step 1", 0, silent=True) == []
    monkeypatch.setenv("DOCKERLAB_QUIET", "1")
    assert told("step 1", 0) == []


def test_a_pull_counts_the_bytes_of_all_layers() -> None:
    heard: list[str] = []
    pulled = Pulled(heard.append)
    for message in LAYERS:
        pulled(message)
    assert heard == ["1MB of 4MB", "3MB of 6MB"]


def test_a_build_is_at_a_step() -> None:
    steps = [
        Step(number=1, instruction="FROM node", status=Status.CACHED),
        Step(number=2, instruction="RUN <<EOF\nnpm install\nEOF", status=Status.RUNNING),
        Step(number=3, instruction="CMD node", status=Status.PENDING),
    ]
    assert step_of(BuildTrace(steps=tuple(steps))) == "step 2 of 3, RUN <<EOF"
    assert step_of(BuildTrace(steps=tuple(steps[2:]))) == "waiting for the builder"


def test_a_step_of_compose_is_said_without_columns() -> None:
    step = plan.Step("1", "create network", "shop_default")
    assert said(plan.Progress(step, "done", " Network shop_default  Created")) == (
        "Network shop_default Created"
    )
    assert said(plan.Progress(step, "done")) == "create network shop_default"
