"""What an instruction changes in an image's config section."""

from __future__ import annotations

from typing import Any

import pytest

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import reader
from dockerlab.formats.dockerfile.sections import apply, argv


def after(section: dict[str, Any], line: str, *, own_cmd: bool = False) -> dict[str, Any]:
    return apply(section, reader.instruction(line), own_cmd=own_cmd)


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('CMD ["a", "b"]', "Cmd", ["a", "b"]),
        ("CMD a  b", "Cmd", ["/bin/sh", "-c", "a  b"]),
        ("CMD ['a']", "Cmd", ["/bin/sh", "-c", "['a']"]),
        ("CMD", "Cmd", ["/bin/sh", "-c"]),
        ("CMD []", "Cmd", []),
        ("ENTRYPOINT a", "Entrypoint", ["/bin/sh", "-c", "a"]),
        ("ENTRYPOINT", "Entrypoint", None),
        ("ENTRYPOINT []", "Entrypoint", None),
        ("ENV b=2 a=3", "Env", ["PATH=/bin", "a=3", "b=2"]),
        ("LABEL x=2 y=3", "Labels", {"x": "2", "y": "3"}),
        ("EXPOSE 80 53/UDP", "ExposedPorts", {"1/tcp": {}, "80/tcp": {}, "53/udp": {}}),
        ("EXPOSE 1-2:8-9", "ExposedPorts", {"1/tcp": {}, "8/tcp": {}, "9/tcp": {}}),
        ("EXPOSE 0", "ExposedPorts", {"1/tcp": {}, "0/tcp": {}}),
        ("VOLUME /v x", "Volumes", {"/v": {}, "x": {}}),
        ("WORKDIR /a/../b/", "WorkingDir", "/a/../b/"),
        ("WORKDIR x/../../y/", "WorkingDir", "/y"),
        ("WORKDIR .", "WorkingDir", "/w"),
        ("USER www", "User", "www"),
        ('SHELL ["/bin/ash", "-ec"]', "Shell", ["/bin/ash", "-ec"]),
        ("STOPSIGNAL RTMIN+3", "StopSignal", "RTMIN+3"),
        ("STOPSIGNAL 99", "StopSignal", "99"),
        ("STOPSIGNAL sigquit", "StopSignal", "sigquit"),
        ("HEALTHCHECK none", "Healthcheck", {"Test": ["NONE"]}),
        (
            "HEALTHCHECK --interval=1m --start-period=2s --retries=2 CMD a  b",
            "Healthcheck",
            {
                "Test": ["CMD-SHELL", "a  b"],
                "Interval": 60 * 10**9,
                "StartPeriod": 2 * 10**9,
                "Retries": 2,
            },
        ),
        ("ONBUILD  RUN  b", "OnBuild", ["RUN a", "RUN  b"]),
    ],
)
def test_changes(line: str, key: str, value: Any) -> None:
    before = {
        "Env": ["PATH=/bin", "a=1"],
        "Labels": {"x": "1"},
        "ExposedPorts": {"1/tcp": {}},
        "WorkingDir": "/w",
        "OnBuild": ["RUN a"],
    }
    copy = dict(before)
    assert after(before, line)[key] == value
    assert before == copy, "the given section is left alone"


@pytest.mark.parametrize("line", ["RUN x", "COPY a b", "ARG a", "MAINTAINER a", "FROM a"])
def test_the_others_change_nothing(line: str) -> None:
    assert after({"Env": ["a=1"]}, line) == {"Env": ["a=1"]}


def test_the_shell_form_goes_through_shell() -> None:
    section = after({}, 'SHELL ["/bin/ash", "-ec"]')
    assert after(section, "CMD x")["Cmd"] == ["/bin/ash", "-ec", "x"]
    run = reader.instruction("RUN x")
    assert argv(run.command, section) == ["/bin/ash", "-ec", "x"]
    assert argv(reader.instruction('RUN ["x"]').command, section) == ["x"]


def test_an_entrypoint_drops_an_inherited_command_only() -> None:
    assert after({"Cmd": ["old"]}, "ENTRYPOINT x")["Cmd"] is None
    assert after({"Cmd": ["own"]}, "ENTRYPOINT x", own_cmd=True)["Cmd"] == ["own"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("EXPOSE foo", "Invalid containerPort: foo"),
        ("EXPOSE 70000", "Invalid containerPort: 70000"),
        ("EXPOSE 5-3", "Invalid containerPort: 5-3"),
        ("EXPOSE ²", "Invalid containerPort: ²"),
        ("EXPOSE x:1", "Invalid hostPort: x"),
        ("EXPOSE 80/foo", "Invalid proto: foo"),
        ("EXPOSE :", "No port specified: :<empty>"),
        (
            "EXPOSE 1-2:3-5",
            "Invalid ranges specified for container and host Ports: 3-5 and 1-2",
        ),
        ("STOPSIGNAL SIGFOO", "Invalid signal: SIGFOO"),
        ("STOPSIGNAL 0", "Invalid signal: 0"),
    ],
)
def test_refusals(line: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        apply({}, reader.instruction(line, 3))
    assert (caught.value.message, caught.value.line) == (message, 3)
