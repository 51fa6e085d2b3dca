"""FROM: stages by name, number and image, the target, arguments and where they count."""

from __future__ import annotations

import pytest
from buildlab import Builder
from engines import Engine


def test_copy_from_a_stage_by_name_and_number(build: Builder) -> None:
    built = build(
        "FROM busybox AS one\nRUN mkdir /d; echo @@ > /d/x; ln -s x /d/l; chmod 600 /d/x\n"
        "FROM busybox AS Two\nCOPY --from=one /d /e\nCOPY --from=0 /d/x /f\n"
        "FROM busybox\nCOPY --from=two /e/ /o/\nCOPY --from=1 /f /o/"
    )
    assert build.read(built, "/o/f") == build.marked("@@\n")
    found = build.tree(built, "/o")
    assert found["o/l"].linkname == "x"
    assert found["o/x"].mode & 0o777 == 0o600
    base = build.client.images.get("busybox").attrs["RootFS"]["Layers"]
    layers = build.client.images.get(built.image).attrs["RootFS"]["Layers"]
    assert len(layers) == len(base) + 2


def test_copy_from_an_image(build: Builder) -> None:
    build("FROM busybox\nCOPY a /a", {"a": build.mark}, t="@@")
    built = build("FROM busybox\nCOPY --from=@@ /a /b")
    assert build.read(built, "/b") == build.marked("@@")


def test_copy_from_a_stage_keeps_owners(build: Builder, engine: Engine) -> None:
    built = build(
        "FROM busybox AS s\nCOPY --chown=7:8 a /d/\nFROM busybox\nCOPY --from=s /d /o\n"
        "COPY --from=s --chown=3:4 /d/a /p",
        {"a": build.mark},
    )
    if not engine.kind.endswith("-user"):  # whose disk knows one owner only
        assert build.owners(built, -2) == {"o": (0, 0), "o/a": (7, 8)}
    assert build.owners(built) == {"p": (3, 4)}


def test_a_stage_on_a_stage(build: Builder) -> None:
    built = build("FROM busybox AS one\nENV A=@@\nFROM one AS two\nENV B=1\nFROM two\nENV C=1")
    env = build.config(built)["Env"]
    assert env[1:] == [f"A={build.mark}", "B=1", "C=1"]


def test_a_stage_has_an_images_name(build: Builder) -> None:
    built = build("FROM busybox AS alpine\nENV A=@@\nFROM alpine\nENV B=1")
    assert f"A={build.mark}" in build.config(built)["Env"]


TARGETS = [("one", "A=1"), ("ONE", "A=1"), ("", "C=1")]


@pytest.mark.parametrize(("target", "variable"), TARGETS)
def test_the_target(build: Builder, target: str, variable: str) -> None:
    dockerfile = (
        "FROM busybox AS one\nMAINTAINER @@\nENV A=1\n"
        "FROM busybox\nMAINTAINER @@\nENV B=1\nFROM busybox\nMAINTAINER @@\nENV C=1"
    )
    built = build(dockerfile, target=target, t="@@")
    assert build.config(built)["Env"][1:] == [variable]
    assert build.client.images.get(build.mark).id == built.image


def test_an_unknown_target(build: Builder) -> None:
    built = build("FROM busybox AS one", target="nosuch")
    assert built.status == 400
    assert built.error == "failed to reach build target nosuch in Dockerfile"


def test_a_stage_from_scratch(build: Builder) -> None:
    built = build(
        "FROM busybox AS b\nFROM scratch\nCOPY --from=b /bin/busybox /\nCOPY a /", {"a": build.mark}
    )
    assert build.run(built, "/busybox", "cat", "/a") == build.mark
    attrs = build.client.images.get(built.image).attrs
    assert len(attrs["RootFS"]["Layers"]) == 2


def test_platform_of_from(build: Builder) -> None:
    built = build("FROM --platform=linux/amd64 busybox\nENV A=@@")
    assert f"A={build.mark}" in build.config(built)["Env"]


# --- arguments


def test_arguments_before_from_count_there_only(build: Builder) -> None:
    built = build(
        "ARG V=@@\nARG B=busybox\nFROM $B AS a\nENV X=[$V] Z=@@\nFROM ${B}\nARG V\nENV Y=[$V]"
    )
    assert build.config(built)["Env"][1:] == [f"Y=[{build.mark}]"]


def test_arguments_before_from_can_be_given(build: Builder) -> None:
    built = build("ARG V=1\nFROM busybox\nARG V\nENV Y=$V", buildargs={"V": build.mark})
    assert build.config(built)["Env"][1:] == [f"Y={build.mark}"]


def test_a_default_after_from_wins_over_one_before(build: Builder) -> None:
    built = build("ARG V=1\nFROM busybox\nMAINTAINER @@\nARG V=2\nENV Y=$V")
    assert build.config(built)["Env"][1:] == ["Y=2"]


def test_arguments_end_with_their_stage(build: Builder) -> None:
    built = build(
        "FROM busybox AS a\nMAINTAINER @@\nARG V=1\nFROM busybox\nMAINTAINER @@\nENV Y=[$V]",
        buildargs={"V": "2"},
    )
    assert build.config(built)["Env"][1:] == ["Y=[]"]


def test_arguments_are_seen_by_run_and_not_kept(build: Builder) -> None:
    built = build('FROM busybox\nARG V\nRUN echo "it is $V"', buildargs={"V": build.mark})
    assert f"it is {build.mark}\n" in built.text
    assert build.config(built)["Env"][1:] == []


def test_an_argument_with_the_value_of_another(build: Builder) -> None:
    built = build("FROM busybox\nMAINTAINER @@\nARG A=1\nARG B=x$A\nENV Y=$B", buildargs={"A": "2"})
    assert build.config(built)["Env"][1:] == ["Y=x2"]


def test_env_wins_over_an_argument_in_run(build: Builder) -> None:
    built = build("FROM busybox\nENV V=env-@@\nARG V\nRUN echo $V", buildargs={"V": "arg"})
    assert f"env-{build.mark}\n" in built.text


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "FTP_PROXY", "no_proxy"])
def test_predefined_arguments(build: Builder, name: str) -> None:
    """They are there without ARG, not in the history, and not in the image."""
    built = build(f'FROM busybox\nRUN echo @@ "[${name}]"', buildargs={name: "value"})
    assert f"{build.mark} [value]\n" in built.text
    assert build.config(built)["Env"][1:] == []
    row = build.client.images.get(built.image).history()[0]
    assert "value" not in row["CreatedBy"]


def test_an_argument_without_a_value_is_not_set(build: Builder) -> None:
    built = build("FROM busybox\nARG V\nRUN echo @@ ${V-unset}")
    assert f"{build.mark} unset\n" in built.text


def test_an_argument_of_the_request_without_a_value(build: Builder) -> None:
    built = build("FROM busybox\nARG V=default\nRUN echo @@ ${V-unset}", buildargs={"V": None})
    assert f"{build.mark} default\n" in built.text


# --- ONBUILD


def test_onbuild_runs_once_in_the_next_image(build: Builder) -> None:
    base = build("FROM busybox\nONBUILD COPY a /a\nONBUILD RUN echo @@ > /b", t="@@")
    assert build.config(base)["OnBuild"] == ["COPY a /a", f"RUN echo {build.mark} > /b"]
    child = build("FROM @@\nENV A=1", {"a": "a"})
    assert build.run(child, "cat", "/a", "/b") == f"a{build.mark}\n"
    assert not build.config(child)["OnBuild"]


def test_onbuild_runs_in_a_stage_too(build: Builder) -> None:
    built = build("FROM busybox AS s\nONBUILD RUN echo @@ > /b\nFROM s\nRUN cat /b")
    assert f"{build.mark}\n" in built.text


@pytest.mark.parametrize("inner", ["ONBUILD RUN x", "FROM x", "MAINTAINER x"])
def test_what_onbuild_refuses(build: Builder, inner: str) -> None:
    built = build(f"FROM busybox\nONBUILD {inner}")
    word = inner.split()[0]
    assert (
        f"{word} isn't allowed as an ONBUILD trigger" in built.error
        or "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" in built.error
    )
