"""Reasons of misses, and the JSON of a build."""

from __future__ import annotations

import json

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats.buildcache import as_json, compare, from_json
from dockerlab.formats.buildtrace import BuildTrace, Cause, Inputs, Reason, Status, Step


def inputs(instruction="RUN make", **more):
    return Inputs(instruction=instruction, **more)


def test_the_first_time_is_no_change():
    assert compare(None, inputs()) == Reason(cause=Cause.FIRST)


def test_equal_inputs_have_no_reason():
    one = inputs("COPY . .", files={"a": "1"}, arguments={"V": "1"}, base="sha256:1")
    two = inputs("COPY . .", files={"a": "1"}, arguments={"V": "1"}, base="sha256:1")
    assert compare(one, two) is None


def test_an_instruction_that_reads_differently():
    reason = compare(inputs("RUN make"), inputs("RUN make all"))
    assert reason == Reason(cause=Cause.INSTRUCTION, before="RUN make", after="RUN make all")


def test_files_of_the_context():
    before = inputs("COPY . /app", files={"same": "1", "edited": "1", "gone": "1"})
    now = inputs("COPY . /app", files={"same": "1", "edited": "2", "new": "1"})
    reason = compare(before, now)
    assert reason == Reason(
        cause=Cause.FILES, changed=("edited",), added=("new",), removed=("gone",)
    )


def test_many_files_are_not_all_named():
    reason = compare(inputs(files={}), inputs(files={f"{i:05}": "1" for i in range(5000)}))
    assert reason is not None
    assert 0 < len(reason.added) < 5000
    assert reason.added[0] == "00000"


def test_an_argument_goes_before_the_instruction_it_stands_in():
    before = inputs("ENV V=1", arguments={"VERSION": "1", "OTHER": "x"})
    now = inputs("ENV V=2", arguments={"VERSION": "2", "OTHER": "x"})
    reason = compare(before, now)
    assert reason == Reason(cause=Cause.ARGUMENT, name="VERSION", before="1", after="2")


def test_an_argument_that_is_new_or_gone():
    with_it, without = inputs(arguments={"V": "1"}), inputs()
    assert compare(without, with_it) == Reason(cause=Cause.ARGUMENT, name="V", after="1")
    assert compare(with_it, without) == Reason(cause=Cause.ARGUMENT, name="V", before="1")


def test_another_base_image():
    reason = compare(inputs("FROM alpine", base="sha256:1"), inputs("FROM alpine", base="sha256:2"))
    assert reason == Reason(cause=Cause.BASE, before="sha256:1", after="sha256:2")


@pytest.mark.parametrize(
    ("instruction", "stage"),
    [
        ("COPY --from=build /a /b", "build"),
        ("COPY --chown=1 --from=0 /a /b", "0"),
        ("RUN --mount=type=bind,from=tools,target=/t make", "tools"),
    ],
)
def test_another_stage(instruction, stage):
    reason = compare(inputs(instruction, base="sha256:1"), inputs(instruction, base="sha256:2"))
    assert reason == Reason(cause=Cause.STAGE, name=stage, before="sha256:1", after="sha256:2")
    reason = compare(inputs(instruction, files={"a": "1"}), inputs(instruction, files={"a": "2"}))
    assert reason == Reason(cause=Cause.STAGE, name=stage, changed=("a",))


def test_a_trace_comes_back_from_json():
    reason = Reason(cause=Cause.FILES, changed=("a", "b"))
    steps = (
        Step(number=1, instruction="FROM alpine", status=Status.CACHED, image="sha256:1"),
        Step(number=2, instruction="COPY . .", status=Status.FAILED, reason=reason, exit_code=0),
    )
    trace = BuildTrace(steps=steps, tags=("a:1",), error="no", builder="buildkit")
    data = json.loads(json.dumps(as_json(trace)))
    assert from_json(BuildTrace, data) == trace
    assert "image" not in data


def test_inputs_come_back_from_json():
    one = inputs(arguments={"A": ""}, files={"x": "y"}, base="b")
    assert from_json(Inputs, json.loads(json.dumps(as_json(one)))) == one


def test_json_of_later_versions_is_read():
    assert from_json(Reason, {"cause": "first", "mood": "good"}) == Reason(cause=Cause.FIRST)


@pytest.mark.parametrize("data", [{}, {"cause": "weather"}])
def test_other_json_is_refused(data):
    with pytest.raises(FormatError, match="Reason"):
        from_json(Reason, data)
