"""Small parts of the builder: arguments, wording, owners, output, RUN's heredocs."""

from __future__ import annotations

from typing import Any

import pytest

from dockerlab.engine.build.builder import chosen
from dockerlab.engine.build.mounts import command
from dockerlab.engine.build.options import Options
from dockerlab.engine.build.output import Output, Quiet
from dockerlab.engine.build.stage import Results, Stage
from dockerlab.engine.build.words import wording
from dockerlab.engine.build.words.owners import owner_of
from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.formats.buildtrace import Status, Step
from dockerlab.formats.dockerfile import reader, sections
from dockerlab.formats.dockerfile.arguments import Arguments
from dockerlab.formats.dockerfile.instructions import Run


def test_arguments_are_known_from_their_declaration_on() -> None:
    build = Arguments({"A": "given", "HTTP_PROXY": "p"}, {"OUT": "outer"})
    stage = build.stage()
    assert stage.values(()) == {"HTTP_PROXY": "p"}
    assert stage.counting(()) == {}
    stage.declare({"A": "default", "B": "b", "C": None, "OUT": None})
    assert stage.counting(()) == {"A": "given", "B": "b", "OUT": "outer"}
    assert stage.values(["B=set by ENV"]) == {"A": "given", "HTTP_PROXY": "p", "OUT": "outer"}
    stage.declare({"HTTP_PROXY": None})
    assert stage.counting(())["HTTP_PROXY"] == "p"


def test_arguments_for_from_and_those_nobody_took() -> None:
    build = Arguments({"V": "2", "X": "1", "no_proxy": "n"})
    build.declare_outer({"V": "1", "W": "w"})
    assert build.for_from() == {"V": "2", "W": "w", "no_proxy": "n"}
    assert build.stage().values(()) == {"no_proxy": "n"}
    assert build.unused({"V"}) == ["X"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('CMD ["a", "b\\"c"]', 'CMD ["a" "b\\"c"]'),
        ("CMD echo 1", 'CMD ["/bin/sh" "-c" "echo 1"]'),
        ('ENTRYPOINT ["é\\t"]', 'ENTRYPOINT ["é\\t"]'),
        ("ENV A=1 B='two words'", "ENV A=1 B='two words'"),
        ("ARG A B=c", "ARG A B=c"),
        ("EXPOSE 80 443/udp", "EXPOSE 443/udp 80"),
        ("VOLUME /a /b", "VOLUME [/a /b]"),
        ('SHELL ["a", "b"]', "SHELL [a b]"),
        ("USER me", "USER me"),
        ("MAINTAINER me", "MAINTAINER me"),
        ("ONBUILD RUN x", "ONBUILD RUN x"),
        ("HEALTHCHECK NONE", """HEALTHCHECK &{["NONE"] "0s" "0s" "0s" '\\x00'}"""),
        (
            "HEALTHCHECK --interval=90s --timeout=1500ms --retries=3 CMD a",
            """HEALTHCHECK &{["CMD-SHELL" "a"] "1m30s" "1.5s" "0s" '\\x03'}""",
        ),
    ],
)
def test_steps_in_dockers_words(text: str, shown: str) -> None:
    instruction = reader.instruction(text)
    assert wording.describe(instruction, sections.apply({}, instruction)) == shown


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [(0, "0s"), (10**9, "1s"), (3600 * 10**9, "1h0m0s"), (250 * 10**6, "250ms"), (1500, "1.5µs")],
)
def test_durations_as_go_writes_them(nanoseconds: int, shown: str) -> None:
    assert wording.duration(nanoseconds) == shown


def test_the_command_of_run_with_arguments() -> None:
    words = wording.run_words({"a": "1", "b": "2"}, ["sh", "-c", "x"])
    assert words == ["|2", "a=1", "b=2", "sh", "-c", "x"]
    assert wording.run_words({}, ["x"]) == ["x"]


FILES = {
    "etc/passwd": b"root:x:0:0::/:\nme:x:1000:1001::/:\n",
    "etc/group": b"root:x:0:\nme:x:1001:\nstaff:x:50:\n",
}


@pytest.mark.parametrize(
    ("text", "owner"),
    [("me", (1000, 1001)), ("me:staff", (1000, 50)), ("5", (5, 5)), ("5:staff", (5, 50))],
)
def test_owners_by_name(text: str, owner: tuple[int, int]) -> None:
    assert owner_of(text, FILES.__getitem__) == owner


@pytest.mark.parametrize("text", ["nobody", "me:nobody", "root:x:y", ":staff"])
def test_owners_that_are_not_there(text: str) -> None:
    with pytest.raises(ServerError, match="unable to convert uid/gid chown string"):
        owner_of(text, FILES.__getitem__)


def test_output_in_pieces() -> None:
    sent: list[dict[str, Any]] = []
    output = Output(sent.append)
    output.write("stdout", "é".encode()[:1])
    output.write("stdout", "é".encode()[1:])
    output.write("stderr", b"bad\n")
    output.step(Step(number=1, instruction="RUN a"))
    assert sent == [{"stream": "é"}, {"stream": "\x1b[91mbad\n\x1b[0m"}]
    traced = Output(sent.append, traced=True)
    traced.step(Step(number=1, instruction="RUN a", status=Status.RAN))
    assert sent[-1]["id"] == "dockerlab.step"
    assert sent[-1]["aux"]["status"] == "ran"


def test_quiet_shows_the_id_or_all() -> None:
    sent: list[dict[str, Any]] = []
    output = Quiet(sent.append)
    output.say("Step 1/1 : FROM a")
    output.result("sha256:1")
    assert sent == [{"stream": "sha256:1\n"}]
    output.release()
    assert sent[1:] == [{"stream": "Step 1/1 : FROM a"}]


def test_stages_by_name_and_number() -> None:
    results = Results()
    results.add("one", None)
    assert results.get("ONE") == results.get("0") == (True, None)
    assert results.get("two") == (False, None)
    with pytest.raises(BadParameter, match="refers to current build stage"):
        results.get("1")
    with pytest.raises(BadParameter, match="index out of bounds"):
        results.get("2")
    with pytest.raises(BadParameter, match="already used"):
        results.check_name("One")


def test_a_stage_begins_with_docker_s_path() -> None:
    stage = Stage("0", "scratch", Arguments())
    assert stage.begin(None) == []
    assert stage.section["Env"][0].startswith("PATH=")
    stage.arguments.declare({"A": "arg", "B": "arg"})
    stage.section["Env"] += ["A=env"]
    assert (stage.values()["A"], stage.values()["B"]) == ("env", "arg")


def test_the_target_and_labels() -> None:
    dockerfile = reader.read("FROM a AS one\nRUN x\nFROM b\nRUN y")
    cut = chosen(dockerfile, Options(target="one", labels={"b": "2", "a": "1"}))
    texts = [step.text for step in cut.stages[-1].steps]
    assert texts == ["RUN x", "LABEL a=1", "LABEL b=2"]
    for target in ("two", "0"):
        with pytest.raises(BadParameter, match=f"failed to reach build target {target}"):
            chosen(dockerfile, Options(target=target))


def run(text: str) -> Run:
    instruction = reader.instruction(text)
    assert isinstance(instruction, Run)
    return instruction


def test_heredocs_of_run() -> None:
    assert command(run("RUN <<E\na\nb\nE")).words == ("a\nb\n",)
    assert command(run("RUN cat <<E > /x\na\nE")).words == ("cat <<E > /x\na\nE\n",)
    script = command(run("RUN <<E\n#!/usr/bin/python3\nprint()\nE"))
    assert script.words[0].startswith("/run/")
    assert command(run('RUN ["a"]')).words == ("a",)
