"""What each instruction leaves in the image's configuration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from buildlab import Builder


def config(build: Builder, *lines: str, **query: Any) -> dict[str, Any]:
    """``Config`` after these lines; the author keeps the images apart from those of others."""
    dockerfile = "\n".join(("FROM busybox", "MAINTAINER @@", *lines))
    return build.config(build(dockerfile, {"a": "a"}, **query))


SECONDS = 1_000_000_000

CONFIGS: list[tuple[str, str, Any]] = [
    ('CMD ["a", "b"]', "Cmd", ["a", "b"]),
    ("CMD a  b $X", "Cmd", ["/bin/sh", "-c", "a  b $X"]),
    ("CMD [a]", "Cmd", ["/bin/sh", "-c", "[a]"]),
    ("CMD []", "Cmd", []),
    ('ENTRYPOINT ["a"]', "Entrypoint", ["a"]),
    ("ENTRYPOINT a b", "Entrypoint", ["/bin/sh", "-c", "a b"]),
    ('SHELL ["/bin/busybox", "sh", "-ec"]', "Shell", ["/bin/busybox", "sh", "-ec"]),
    ('SHELL ["/x", "-y"]\nCMD z', "Cmd", ["/x", "-y", "z"]),
    ("WORKDIR /a\nWORKDIR b/../c/", "WorkingDir", "/a/c"),
    ("WORKDIR a", "WorkingDir", "/a"),
    ("ENV D=/x\nWORKDIR $D/y", "WorkingDir", "/x/y"),
    ("USER 7:8", "User", "7:8"),
    ("ENV U=me\nUSER ${U}", "User", "me"),
    ("STOPSIGNAL SIGINT", "StopSignal", "SIGINT"),
    ("STOPSIGNAL 9", "StopSignal", "9"),
    ("EXPOSE 80 53/udp", "ExposedPorts", {"80/tcp": {}, "53/udp": {}}),
    ("EXPOSE 7000-7002", "ExposedPorts", {f"{p}/tcp": {} for p in (7000, 7001, 7002)}),
    ("ENV P=81\nEXPOSE $P/tcp", "ExposedPorts", {"81/tcp": {}}),
    ("VOLUME /a /b", "Volumes", {"/a": {}, "/b": {}}),
    ('VOLUME ["/a b"]', "Volumes", {"/a b": {}}),
    ("ENV V=/v\nVOLUME $V", "Volumes", {"/v": {}}),
    ("ONBUILD RUN true", "OnBuild", ["RUN true"]),
    ("ONBUILD copy a  b", "OnBuild", ["copy a  b"]),
    ("HEALTHCHECK NONE", "Healthcheck", {"Test": ["NONE"]}),
    ("HEALTHCHECK CMD x y", "Healthcheck", {"Test": ["CMD-SHELL", "x y"]}),
    ('HEALTHCHECK CMD ["x"]', "Healthcheck", {"Test": ["CMD", "x"]}),
    (
        "HEALTHCHECK --interval=5s --timeout=1m --start-period=1.5s --retries=4 CMD x",
        "Healthcheck",
        {
            "Test": ["CMD-SHELL", "x"],
            "Interval": 5 * SECONDS,
            "Timeout": 60 * SECONDS,
            "StartPeriod": 3 * SECONDS // 2,
            "Retries": 4,
        },
    ),
]


@pytest.mark.parametrize(("lines", "key", "value"), CONFIGS, ids=[c[0] for c in CONFIGS])
def test_the_configuration(build: Builder, lines: str, key: str, value: Any) -> None:
    assert config(build, lines)[key] == value


LABELS: list[tuple[str, dict[str, str]]] = [
    ("LABEL a=b c=d", {"a": "b", "c": "d"}),
    ("LABEL a b  c", {"a": "b  c"}),
    ('LABEL "a b"="c d"', {"a b": "c d"}),
    ("LABEL a='$X'", {"a": "$X"}),
    ("ENV X=1\nLABEL a=\"$X\" b='$X' c=\\$X", {"a": "1", "b": "$X", "c": "$X"}),
    ("LABEL a=1 \\\n  b=2", {"a": "1", "b": "2"}),
    ("LABEL a=1\nLABEL a=2", {"a": "2"}),
    ("LABEL a=", {"a": ""}),
]


@pytest.mark.parametrize(("lines", "labels"), LABELS, ids=[c[0] for c in LABELS])
def test_labels(build: Builder, lines: str, labels: dict[str, str]) -> None:
    assert own_labels(config(build, lines)) == labels


def own_labels(config: dict[str, Any]) -> dict[str, str]:
    """Those that do not come from the base image, which may be a stand-in."""
    return {k: v for k, v in config["Labels"].items() if not k.startswith("dockerlab.")}


VARIABLES: list[tuple[str, dict[str, str]]] = [
    ("ENV A=1 B=2", {"A": "1", "B": "2"}),
    ("ENV A b  c", {"A": "b  c"}),
    ("ENV A=1\nENV A=2 B=$A", {"A": "2", "B": "1"}),
    ("ENV A=x\\ y", {"A": "x y"}),
    ("ENV A='x \"y\"'", {"A": 'x "y"'}),
    ("ENV A=${B:-c} D=${A:+e} F=${A:-g}", {"A": "c", "D": "", "F": "g"}),
    (
        "ENV A=1\nENV B=${A:+yes} C=${A:-no} D=$AB E=${A}B",
        dict(zip("ABCDE", ["1", "yes", "1", "", "1B"], strict=True)),
    ),
    ("ENV B=\\${A} C='${A}'", {"B": "${A}", "C": "${A}"}),
    ("ARG V=1\nENV A=$V", {"A": "1"}),
    ("ARG V\nENV A=x${V}y", {"A": "xy"}),
    ("ENV V=env\nARG V=arg\nENV A=$V", {"V": "env", "A": "env"}),
    ("ARG V=arg\nENV V=env\nENV A=$V", {"V": "env", "A": "env"}),
    ("ENV A=$PATH:/x", {"A": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/x"}),
]


@pytest.mark.parametrize(("lines", "added"), VARIABLES, ids=[c[0] for c in VARIABLES])
def test_variables(build: Builder, lines: str, added: dict[str, str]) -> None:
    found = dict(entry.split("=", 1) for entry in config(build, lines)["Env"])
    assert {key: value for key, value in found.items() if key != "PATH"} == added
    assert "PATH" in found


def test_a_command_goes_with_the_entrypoint_of_its_base(build: Builder) -> None:
    """A new ENTRYPOINT forgets the CMD of the base, not one given in the same file."""
    build('FROM busybox\nLABEL x=@@\nCMD ["base"]', t="@@")
    assert build.config(build('FROM @@\nENTRYPOINT ["a"]'))["Cmd"] is None
    both = build.config(build('FROM @@\nCMD ["mine"]\nENTRYPOINT ["a"]'))
    assert (both["Cmd"], both["Entrypoint"]) == (["mine"], ["a"])
    assert build.config(build("FROM @@\nENV A=1"))["Cmd"] == ["base"]


def test_the_last_cmd_counts(build: Builder) -> None:
    assert config(build, 'CMD ["a"]', 'CMD ["b"]')["Cmd"] == ["b"]


def test_the_author(build: Builder) -> None:
    built = build("FROM busybox\nMAINTAINER Some One <one@example.org>\nENV A=@@")
    assert build.client.images.get(built.image).attrs["Author"] == "Some One <one@example.org>"


def test_labels_of_the_request(build: Builder) -> None:
    built = build("FROM busybox\nLABEL a=1 x=@@", labels={"a": "2", "b": "c d"})
    assert own_labels(build.config(built)) == {"a": "2", "b": "c d", "x": build.mark}
    assert built.steps[-2:] == ["LABEL a=2", "LABEL b=c d"]


HISTORY: list[tuple[str, str]] = [
    ("ENV A=1 B='x y'", "/bin/sh -c #(nop)  ENV A=1 B=x y"),
    ("LABEL b=2 a=1", "/bin/sh -c #(nop)  LABEL b=2 a=1"),
    ("EXPOSE 81 80", "/bin/sh -c #(nop)  EXPOSE 80 81"),
    ("VOLUME /a /b", "/bin/sh -c #(nop)  VOLUME [/a /b]"),
    ("USER 7", "/bin/sh -c #(nop)  USER 7"),
    ("WORKDIR /w", "/bin/sh -c #(nop) WORKDIR /w"),
    ("STOPSIGNAL INT", "/bin/sh -c #(nop)  STOPSIGNAL INT"),
    ('CMD ["a", "b"]', '/bin/sh -c #(nop)  CMD ["a" "b"]'),
    ("CMD a b", '/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "a b"]'),
    ('ENTRYPOINT ["a"]', '/bin/sh -c #(nop)  ENTRYPOINT ["a"]'),
    ('SHELL ["a"]', "a #(nop)  SHELL [a]"),
    ("ONBUILD RUN true", "/bin/sh -c #(nop)  ONBUILD RUN true"),
    ("MAINTAINER me", "/bin/sh -c #(nop)  MAINTAINER me"),
    ("ARG V=1", "/bin/sh -c #(nop)  ARG V=1"),
    (
        "HEALTHCHECK --retries=2 CMD x",
        '/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "x"] "0s" "0s" "0s" \'\\x02\'}',
    ),
    ("RUN echo hi", "/bin/sh -c echo hi"),
    ('RUN ["echo", "hi"]', "echo hi"),
    ("ARG V=1\nRUN echo $V", "|1 V=1 /bin/sh -c echo $V"),
    ("ARG V=1\nARG W='2 3'\nRUN echo $V", "|2 V=1 W=2 3 /bin/sh -c echo $V"),
]


@pytest.mark.parametrize(("lines", "created_by"), HISTORY, ids=[c[0] for c in HISTORY])
def test_the_history(build: Builder, lines: str, created_by: str) -> None:
    built = build(f"FROM busybox\nMAINTAINER @@\n{lines}")
    assert build.client.images.get(built.image).history()[0]["CreatedBy"] == created_by


def test_the_history_of_copies(build: Builder) -> None:
    """It names the content, not the files."""
    built = build(
        "FROM busybox\nCOPY a /x\nADD a b /y/\nCOPY --from=busybox /bin/sh /z", {"a": "a", "b": "b"}
    )
    rows = [row["CreatedBy"] for row in build.client.images.get(built.image).history()[:3]]
    shapes = ("COPY file:{} in /z ", "ADD multi:{} in /y/ ", "COPY file:{} in /x ")
    for row, shape in zip(rows, shapes, strict=True):
        pattern = "/bin/sh -c #\\(nop\\) " + shape.format("[0-9a-f]{64}")
        assert re.fullmatch(pattern, row), row


def test_layers_of_what_changes_files_only(build: Builder) -> None:
    """Metadata makes no layer; RUN, COPY, ADD and WORKDIR make one each."""
    base = build.client.images.get("busybox").attrs["RootFS"]["Layers"]
    built = build(
        "FROM busybox\nENV A=@@\nRUN touch /1\nCOPY a /2\nADD a /3\nWORKDIR /4\nUSER 7\nCMD a",
        {"a": "a"},
    )
    image = build.client.images.get(built.image)
    assert image.attrs["RootFS"]["Layers"][: len(base)] == base
    assert len(image.attrs["RootFS"]["Layers"]) == len(base) + 4
    sizes = [row["Size"] for row in image.history()[:7]]
    assert [bool(size) for size in sizes] == [False, False, False, True, True, False, False]


def test_parents_of_an_image(build: Builder) -> None:
    built = build("FROM busybox\nENV A=@@\nENV B=1")
    attrs = build.client.images.get(built.image).attrs
    assert attrs["Parent"][7:19] == built.images[1]
    parent = build.client.images.get(built.images[1]).attrs
    assert parent["Parent"][7:19] == built.images[0]


def test_the_container_of_the_last_step_is_not_part_of_the_config(build: Builder) -> None:
    found = config(build, "ENV A=@@", "WORKDIR /w")
    assert found["WorkingDir"] == "/w"
    assert found["Image"].startswith("sha256:")
    assert found["AttachStdout"] is False
