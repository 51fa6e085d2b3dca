"""What a build says, line by line. Docker Engine's classic builder is the judge."""

from __future__ import annotations

import json

import pytest
from buildlab import Builder, context, parse


def test_every_line_of_a_first_build(build: Builder) -> None:
    built = build(
        'FROM busybox\nRUN echo @@\nENV A=1\nCOPY a /out/\nCMD ["sh"]', {"a": "1"}, t="dltest-s:1"
    )
    assert [record.get("stream") for record in built.records if "aux" not in record] == [
        "Step 1/5 : FROM busybox",
        "\n",
        f" ---> {built.images[0]}\n",
        f"Step 2/5 : RUN echo {build.mark}",
        "\n",
        f" ---> Running in {built.containers[0]}\n",
        f"{build.mark}\n",
        f"Removing intermediate container {built.containers[0]}\n",
        f" ---> {built.images[1]}\n",
        "Step 3/5 : ENV A=1",
        "\n",
        f" ---> Running in {built.containers[1]}\n",
        f"Removing intermediate container {built.containers[1]}\n",
        f" ---> {built.images[2]}\n",
        "Step 4/5 : COPY a /out/",
        "\n",
        f" ---> {built.images[3]}\n",
        'Step 5/5 : CMD ["sh"]',
        "\n",
        f" ---> Running in {built.containers[2]}\n",
        f"Removing intermediate container {built.containers[2]}\n",
        f" ---> {built.images[4]}\n",
        f"Successfully built {built.images[4]}\n",
        "Successfully tagged dltest-s:1\n",
    ]
    assert built.kind == "application/json"
    assert built.records[-3] == {"aux": {"ID": built.image}}


def test_every_line_of_a_cached_build(build: Builder) -> None:
    dockerfile = "FROM busybox\nENV A=@@\nCOPY a /out/\nRUN true"
    build(dockerfile, {"a": "1"})
    assert build(dockerfile, {"a": "1"}).lines == [
        "Step 1/4 : FROM busybox",
        " ---> #1",
        f"Step 2/4 : ENV A={build.mark}",
        " ---> Using cache",
        " ---> #2",
        "Step 3/4 : COPY a /out/",
        " ---> Using cache",
        " ---> #3",
        "Step 4/4 : RUN true",
        " ---> Using cache",
        " ---> #4",
        "Successfully built #4",
    ]


def test_a_cached_build_gives_the_very_same_image(build: Builder) -> None:
    dockerfile = "FROM busybox\nENV A=@@\nRUN true"
    assert build(dockerfile).image == build(dockerfile).image


def test_lines_end_as_dockers_do(build: Builder) -> None:
    with build.request(context({"Dockerfile": b"FROM busybox\n"}), rm=1) as answer:
        raw = answer.read()
    assert raw.endswith(b"\r\n")
    assert all(json.loads(line) for line in raw.split(b"\r\n")[:-1])
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_output_of_errors_is_red(build: Builder) -> None:
    built = build("FROM busybox\nRUN echo @@; echo wrong >&2")
    texts = [record.get("stream") for record in built.records]
    assert "\x1b[91mwrong\n\x1b[0m" in texts
    assert f"{build.mark}\n" in texts


def test_output_comes_while_it_runs(build: Builder) -> None:
    body = context({"Dockerfile": build.marked("FROM busybox\nRUN echo @@ & sleep 3; echo end")})
    with build.request(body, rm=1, forcerm=1) as answer:
        seen = b""
        while build.mark.encode() + b'\\n"}' not in seen:
            piece = answer.readline()
            assert piece, seen
            seen += piece
        assert b"end" not in seen.split(b"\r\n")[-2]
        built = parse(seen + answer.read())
    build.remember(built)
    assert {"stream": "end\n"} in built.records


def test_each_stage_says_what_it_made(build: Builder) -> None:
    built = build("FROM busybox AS one\nENV A=@@\nFROM busybox\nENV B=@@")
    assert [r["aux"]["ID"][7:19] for r in built.records if "aux" in r] == [
        built.images[1],
        built.images[3],
    ]
    assert built.lines[-1] == "Successfully built #5"
    assert [step.split()[0] for step in built.steps] == ["FROM", "ENV", "FROM", "ENV"]


def test_arguments_before_from_are_steps(build: Builder) -> None:
    built = build("ARG B=busybox\nFROM $B\nENV A=@@")
    assert built.lines[:4] == [
        "Step 1/3 : ARG B=busybox",
        "Step 2/3 : FROM $B",
        " ---> #1",
        f"Step 3/3 : ENV A={build.mark}",
    ]


def test_instructions_are_shown_on_one_line(build: Builder) -> None:
    text = 'from   busybox\nrun true \\\n  # why\n  && echo   @@\nEnv A=1   B=2\ncmd  [ "a","b" ]'
    assert build(text).steps == [
        "from   busybox",
        f"run true   && echo   {build.mark}",
        "Env A=1   B=2",
        'cmd  [ "a","b" ]',
    ]


def test_variables_are_shown_as_written(build: Builder) -> None:
    built = build("FROM busybox\nENV A=@@\nWORKDIR /x/$A\nRUN echo ${A}")
    assert built.steps[2:] == ["WORKDIR /x/$A", "RUN echo ${A}"]


def test_onbuild_is_announced(build: Builder) -> None:
    build("FROM busybox\nONBUILD ENV A=@@\nONBUILD RUN true", t="@@")
    built = build("FROM @@")
    assert built.lines == [
        f"Step 1/1 : FROM {build.mark}",
        "# Executing 2 build triggers",
        " ---> Running in #1",
        "Removing intermediate container #1",
        " ---> Running in #2",
        "Removing intermediate container #2",
        " ---> #3",
        "Successfully built #3",
    ]


def test_intermediate_containers_may_stay(build: Builder) -> None:
    built = build("FROM busybox\nRUN echo @@", rm=0)
    assert built.lines[-4:] == [
        " ---> Running in #2",
        build.mark,
        " ---> #3",
        "Successfully built #3",
    ]
    assert build.client.containers.get(built.containers[0]).status == "exited"


def test_several_tags(build: Builder) -> None:
    built = build("FROM busybox\nENV A=@@", t=["@@:1", "@@:2", "@@"])
    assert built.lines[-3:] == [
        f"Successfully tagged {build.mark}:{version}" for version in ("1", "2", "latest")
    ]
    tags = build.client.images.get(built.image).tags
    assert sorted(tags) == [f"{build.mark}:{version}" for version in ("1", "2", "latest")]


def test_quiet(build: Builder) -> None:
    built = build("FROM busybox\nRUN echo @@", q=1)
    assert [set(record) for record in built.records] == [{"stream"}]
    image = build.client.images.get(built.text.strip())
    build.seen.append(image.id)
    assert built.text == f"{image.id}\n"


def test_quiet_and_failing(build: Builder) -> None:
    """What the steps had said comes with the error."""
    built = build("FROM busybox\nRUN echo @@; exit 3", q=1)
    assert built.error.endswith("returned a non-zero code: 3")
    assert f"{build.mark}\n" in built.text


def test_an_empty_continuation_line_is_warned_of(build: Builder) -> None:
    built = build("FROM busybox\nRUN echo \\\n\n@@")
    assert built.records[0]["stream"] == (
        "\x1b[91m[WARNING]: Empty continuation line found in:\n"
        f"    RUN echo {build.mark}\n"
        "[WARNING]: Empty continuation lines will become errors in a future release.\n\x1b[0m"
    )


def test_unused_arguments_are_warned_of(build: Builder) -> None:
    built = build(
        "FROM busybox\nENV A=@@", buildargs={"NOSUCH": "1", "other": "2", "http_proxy": ""}
    )
    assert "[Warning] One or more build-args [NOSUCH other] were not consumed\n" in built.text


def test_a_failing_command(build: Builder) -> None:
    built = build("FROM busybox\nENV A=@@\nRUN echo before; echo bad >&2; exit 3\nENV B=1")
    assert built.error == (
        "The command '/bin/sh -c echo before; echo bad >&2; exit 3' returned a non-zero code: 3"
    )
    last = built.records[-1]
    assert last["errorDetail"] == {"code": 3, "message": last["error"]}
    assert built.pattern == "Fmx"
    assert {"stream": "before\n"} in built.records


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ('["sh", "-c", "exit 4"]', "The command 'sh -c exit 4' returned a non-zero code: 4"),
        ("nosuch", "The command '/bin/sh -c nosuch' returned a non-zero code: 127"),
    ],
)
def test_how_a_command_fails(build: Builder, words: str, error: str) -> None:
    assert build(f"FROM busybox\nRUN {words}").error == error


def test_a_command_that_is_not_there(build: Builder) -> None:
    error = build('FROM busybox\nRUN ["nosuch"]').error
    assert 'exec: "nosuch": executable file not found in $PATH' in error


def test_scratch_alone_makes_no_image(build: Builder) -> None:
    built = build("FROM scratch")
    assert built.records[2] == {"stream": " ---> \n"}
    assert built.error == "No image was generated. Is your Dockerfile empty?"
