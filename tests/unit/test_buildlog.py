"""Streams of the classic builder and of BuildKit, as Docker Engine 20.10 sent them."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats import buildkit, buildlog
from dockerlab.formats.buildcache import as_json
from dockerlab.formats.buildtrace import BuildTrace, Cause, Reason, Status, Step

DATA = Path(__file__).parents[1] / "data" / "builds"

STEPS = (
    Step(number=1, instruction="FROM busybox", line=2, stage="0"),
    Step(number=2, instruction="ARG V=1", line=3, stage="0"),
    Step(number=3, instruction="RUN make", line=5, stage="0"),
    Step(number=4, instruction="COPY a /a", line=6, stage="0"),
)
START = [
    {"stream": "Step 1/4 : FROM busybox"},
    {"stream": "\n"},
    {"stream": " ---> fed678cadd9b\n"},
    {"stream": "Step 2/4 : ARG V=1"},
    {"stream": "\n"},
    {"stream": " ---> Using cache\n"},
    {"stream": " ---> 6af4989f641b\n"},
    {"stream": "Step 3/4 : RUN make"},
    {"stream": "\n"},
    {"stream": " ---> Running in c27ecea47715\n"},
]
PRINTED = [{"stream": "\x1b[91merr\n\x1b[0m"}, {"stream": "hel"}, {"stream": "lo\r\n50%\r100%\n"}]
END = [
    {"stream": "Removing intermediate container c27ecea47715\n"},
    {"stream": " ---> 07c022da0a19\n"},
    {"stream": "Step 4/4 : COPY a /a"},
    {"stream": "\n"},
    {"stream": " ---> 2d0f0f772da6\n"},
    {"aux": {"ID": "sha256:2d0f0f772da6" + "0" * 52}},
    {"stream": "[Warning] One or more build-args [UNUSED] were not consumed\n"},
    {"stream": "Successfully built 2d0f0f772da6\n"},
    {"stream": "Successfully tagged me/app:latest\n"},
]
FAILURE = "The command '/bin/sh -c make' returned a non-zero code: 3"


class Clock:
    """A second later each time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def read(records, steps=STEPS) -> tuple[BuildTrace, buildlog.Reader]:
    reader = buildlog.Reader(steps, dockerfile="FROM …", clock=Clock())
    for record in records:
        reader.feed(record)
    return reader.finish(), reader


def test_a_whole_build():
    trace, reader = read([*START, *PRINTED, *END])
    assert [step.status for step in trace.steps] == [
        Status.CACHED,
        Status.CACHED,
        Status.RAN,
        Status.RAN,
    ]
    run = trace.steps[2]
    assert run.log == "err\nhello\n100%\n"
    assert (run.container, run.image, run.line) == ("c27ecea47715", "07c022da0a19", 5)
    assert run.seconds > 0
    assert run.started > trace.steps[1].started
    assert trace.image.startswith("sha256:2d0f0f772da6")
    assert trace.tags == ("me/app:latest",)
    assert (trace.hits, trace.misses, trace.error) == (2, 2, "")
    assert reader.warnings == ["[Warning] One or more build-args [UNUSED] were not consumed"]


def test_the_trace_is_up_to_date_in_between():
    reader = buildlog.Reader(STEPS)
    assert {step.status for step in reader.trace.steps} == {Status.PENDING}
    for record in [*START, PRINTED[1]]:
        reader.feed(record)
    steps = reader.trace.steps
    assert [s.status.value for s in steps] == ["cached", "cached", "running", "pending"]
    assert steps[2].log == "hel"


def test_without_the_dockerfile_steps_appear_as_they_begin():
    trace, _ = read([*START, *END], ())
    assert [step.instruction for step in trace.steps] == [step.instruction for step in STEPS]
    assert [step.line for step in trace.steps] == [0, 0, 0, 0]


def test_a_failing_command():
    failure = {"errorDetail": {"code": 3, "message": FAILURE}, "error": FAILURE}
    trace, _ = read([*START, {"stream": "a\nno line end"}, failure])
    assert trace.failed is not None
    assert (trace.failed.number, trace.failed.exit_code) == (3, 3)
    assert trace.failed.log == "a\nno line end"
    assert (trace.error, trace.error_line, trace.image) == (FAILURE, 5, "")
    assert trace.steps[3].status is Status.PENDING


def test_a_refused_dockerfile():
    words = "dockerfile parse error line 2: unknown instruction: RNU"
    trace, _ = read([{"error": words}])
    assert (trace.error, trace.error_line, trace.failed) == (words, 2, None)


def test_a_container_cannot_speak_for_the_engine():
    spoof = [
        {"stream": "Step 9/9 : FROM evil"},
        {"stream": " ---> Using cache\n"},
        {"stream": "Removing intermediate container 000000000000\n"},
        {"stream": "Successfully built 000000000000\n"},
        {"stream": "some ---> 000000000000\nStep 4/4 : COPY\n"},
    ]
    trace, _ = read([*START, *spoof, *END])
    assert len(trace.steps) == 4
    assert trace.steps[2].status is Status.RAN
    assert trace.image.startswith("sha256:2d0f0f772da6")
    assert "Successfully built 000000000000" in trace.steps[2].log


def test_a_container_that_is_kept():
    trace, _ = read([*START, *END[1:]])
    assert trace.steps[2].image == "07c022da0a19"
    assert trace.steps[2].status is Status.RAN
    assert trace.steps[3].image == "2d0f0f772da6"


def test_a_pulled_base_image_is_no_hit():
    pull = {"status": "Pulling from library/busybox", "id": "latest"}
    trace, _ = read([*START[:2], pull, *START[2:], *END])
    assert trace.steps[0].status is Status.RAN


def test_the_triggers_of_a_base_image():
    triggers = [
        {"stream": "# Executing 1 build trigger"},
        {"stream": "\n"},
        {"stream": " ---> Running in aaaaaaaaaaaa\n"},
        {"stream": "triggered\n"},
        {"stream": "Removing intermediate container aaaaaaaaaaaa\n"},
        {"stream": " ---> bbbbbbbbbbbb\n"},
    ]
    trace, _ = read([*START[:2], *triggers, *START[3:], *END])
    assert trace.steps[0].status is Status.RAN
    assert "triggered\n" in trace.steps[0].log


def test_what_the_embedded_engine_tells_wins():
    reason = Reason(cause=Cause.FILES, changed=("a",))
    told = Step(
        number=3,
        instruction="RUN make",
        line=5,
        stage="0",
        status=Status.RAN,
        reason=reason,
        seconds=7.5,
        added=42,
        layer="sha256:layer",
        image="sha256:07c022da0a19",
    )
    begun = {"id": buildlog.TOLD, "aux": {"number": 3, "instruction": "RUN make"}}
    ended = {"id": buildlog.TOLD, "aux": as_json(told)}
    trace, _ = read([*START[:8], begun, *START[8:], *PRINTED, END[0], ended, *END[1:]])
    step = trace.steps[2]
    assert (step.reason, step.seconds, step.added) == (reason, 7.5, 42)
    assert step.log == "err\nhello\n100%\n"
    assert (step.status, step.container) == (Status.RAN, "c27ecea47715")


def test_a_long_log_keeps_its_end():
    lines = [{"stream": "x" * 99_999 + "\n"}] * 40
    trace, _ = read([*START, *lines, {"stream": "the end\n"}, *END])
    assert len(trace.steps[2].log) < 2.5 * buildlog.LOG_LIMIT
    assert trace.steps[2].log.endswith("the end\n")


# --- BuildKit

KIT = (
    Step(number=1, instruction="FROM busybox AS build", line=1, stage="build"),
    Step(number=2, instruction="WORKDIR /src", line=2, stage="build"),
    Step(number=3, instruction="COPY a .", line=3, stage="build"),
    Step(number=4, instruction="RUN --mount=type=cache,target=/c cat a > b; echo built",
         line=4, stage="build"),
    Step(number=5, instruction="FROM busybox AS unused", line=5, stage="unused"),
    Step(number=6, instruction="RUN echo never", line=6, stage="unused"),
    Step(number=7, instruction="FROM busybox", line=7, stage="2"),
    Step(number=8, instruction="ENV X=1", line=8, stage="2"),
    Step(number=9, instruction="COPY --from=build /src/b /b", line=9, stage="2"),
    Step(number=10, instruction="RUN echo one", line=10, stage="2"),
    Step(number=11, instruction='CMD ["x"]', line=11, stage="2"),
)  # fmt: skip


def kit(name: str, steps=KIT) -> BuildTrace:
    reader = buildkit.Reader(steps)
    for line in (DATA / name).read_text().splitlines():
        reader.feed(json.loads(line))
    return reader.finish()


def test_buildkit():
    trace = kit("buildkit.jsonl")
    assert trace.builder == "buildkit"
    assert trace.image.startswith("sha256:6a79f23827f3")
    assert [step.line for step in trace.steps] == [1, 2, 3, 4, 7, 9, 10]
    assert [step.number for step in trace.steps] == list(range(1, 8))
    assert [step.status.value for step in trace.steps] == ["cached"] * 6 + ["ran"]
    assert trace.steps[-1].log == "one\n"
    assert trace.steps[-1].seconds > 0
    assert trace.seconds >= trace.steps[-1].seconds


def test_buildkit_failed():
    trace = kit("buildkit-failed.jsonl")
    assert trace.failed is not None
    assert (trace.failed.line, trace.failed.exit_code) == (10, 3)
    assert trace.failed.log == "one\n"
    assert trace.steps[3].log == "built\n"
    assert "exit code: 3" in trace.error
    assert trace.error_line == 10
    assert trace.image == ""


def test_buildkit_without_the_dockerfile():
    trace = kit("buildkit.jsonl", ())
    instructions = [step.instruction for step in trace.steps]
    assert "COPY --from=build /src/b /b" in instructions
    assert "RUN echo one" in instructions


@pytest.mark.parametrize(
    "message", [b"\x0a\x05ab", b"\x80", b"\x0b", b"\x0a" + b"\xff" * 12, b"\x09abc"]
)
def test_a_damaged_buffer_is_refused(message: bytes):
    with pytest.raises(FormatError, match="BuildKit's record"):
        list(buildkit.fields(message))
    reader = buildkit.Reader()
    with pytest.raises(FormatError):
        reader.feed({"id": buildkit.TRACE, "aux": base64.b64encode(message).decode()})


def test_all_kinds_of_fields():
    message = b"\x08\x96\x01\x12\x02hi\x1d\1\2\3\4\x21\1\2\3\4\5\6\7\x08"
    assert list(buildkit.fields(message)) == [
        (1, 150),
        (2, b"hi"),
        (3, b"\1\2\3\4"),
        (4, b"\1\2\3\4\5\6\7\x08"),
    ]
