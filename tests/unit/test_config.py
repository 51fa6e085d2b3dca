"""A container's Config: defaults, merging with the image, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from dockerlab.engine.containers.request import config
from dockerlab.engine.errors import BadParameter

IMAGE: dict[str, Any] = {
    "Cmd": ["sh"],
    "Entrypoint": None,
    "Env": ["PATH=/bin", "LANG=C"],
    "Labels": {"from": "image", "both": "image"},
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "WorkingDir": "/srv",
    "User": "www",
    "StopSignal": "SIGQUIT",
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 5_000_000_000},
}


def parsed(image: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
    return config.parse({"Image": "alpine", **body}, IMAGE if image is None else image)


KEYS = (
    "Hostname Domainname User AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce "
    "Env Cmd Image Volumes WorkingDir Entrypoint OnBuild Labels"
)


def test_docker_s_keys_in_docker_s_order() -> None:
    assert " ".join(parsed({}, Cmd=["sh"])) == KEYS
    full = list(parsed())
    assert full[6] == "ExposedPorts"
    assert full[-1] == "StopSignal"


def test_what_the_request_does_not_say_comes_from_the_image() -> None:
    made = parsed(Env=["LANG=ko", "A=b"], Labels={"both": "mine"}, ExposedPorts={"53/udp": {}})
    assert made["Env"] == ["LANG=ko", "A=b", "PATH=/bin"]
    assert made["Labels"] == {"from": "image", "both": "mine"}
    assert set(made["ExposedPorts"]) == {"80/tcp", "53/udp"}
    assert made["Volumes"] == {"/data": {}}
    assert (made["WorkingDir"], made["User"], made["StopSignal"]) == ("/srv", "www", "SIGQUIT")
    assert parsed(User="root")["User"] == "root"


@pytest.mark.parametrize(
    ("image", "body", "words"),
    [
        ({"Cmd": ["sh"]}, {}, ["sh"]),
        ({"Cmd": ["sh"]}, {"Cmd": ["ls", "-l"]}, ["ls", "-l"]),
        ({"Cmd": ["sh"]}, {"Cmd": "ls -l"}, ["ls -l"]),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, {}, ["/e", "c"]),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, {"Cmd": ["d"]}, ["/e", "d"]),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, {"Entrypoint": ["/f"]}, ["/f"]),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, {"Entrypoint": [""], "Cmd": ["d"]}, ["d"]),
        ({"Entrypoint": ["/e"], "Cmd": ["c"]}, {"Entrypoint": []}, ["c"]),
    ],
)
def test_which_command_runs(image: dict[str, Any], body: dict[str, Any], words: list[str]) -> None:
    assert config.command(parsed(image, **body)) == words


def test_no_command_at_all() -> None:
    with pytest.raises(BadParameter, match="No command specified"):
        parsed({})


def test_a_health_check_is_completed_from_the_image() -> None:
    assert parsed(Healthcheck={"Retries": 2})["Healthcheck"] == {
        "Test": ["CMD", "true"],
        "Interval": 5_000_000_000,
        "Retries": 2,
    }
    assert parsed(Healthcheck={"Test": ["NONE"]})["Healthcheck"]["Test"] == ["NONE"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Env": ["=x"]}, "invalid environment variable: =x"),
        ({"WorkingDir": "rel"}, "the working directory 'rel' is invalid"),
        ({"StopSignal": "FOO"}, "Invalid signal: FOO"),
        ({"ExposedPorts": {"x/tcp": {}}}, 'invalid port specification: "x"'),
        ({"ExposedPorts": {"80/foo": {}}}, 'invalid proto: "foo"'),
        ({"Healthcheck": {"Interval": 1}}, "Interval in Healthcheck cannot be less than 1ms"),
        ({"Healthcheck": {"Retries": -1}}, "Retries in Healthcheck cannot be negative"),
        ({"Healthcheck": {"Test": ["FOO"]}}, "Unknown healthcheck type 'FOO'"),
        ({"Tty": "yes"}, "cannot unmarshal string"),
        ({"Cmd": {"a": 1}}, "cannot unmarshal object"),
        ({"StopTimeout": True}, "cannot unmarshal bool"),
        ({"Cmd": [1]}, "invalid entry in Cmd"),
        ({"Cmd": ["a\0b"]}, "invalid entry in Cmd"),
        ({"Labels": {"a": 1}}, "invalid value for the label a"),
        ({"Hostname": "web\n192.0.2.1 bank"}, "invalid Hostname"),
        ({"Domainname": "net\n"}, "invalid Domainname"),
    ],
)
def test_refusals(body: dict[str, Any], message: str) -> None:
    with pytest.raises(BadParameter, match=message.replace("(", r"\(")):
        parsed(**body)


def test_the_environment_of_processes() -> None:
    made = parsed({"Cmd": ["sh"]}, Env=["A=1", "HOSTNAME", "B"], Tty=True)
    assert made["Env"] == ["A=1", "HOSTNAME", "B"]
    found = dict(entry.split("=", 1) for entry in config.environment(made, "box"))
    assert found["A"] == "1"
    assert found["TERM"] == "xterm"
    assert found["PATH"].startswith("/usr/local/sbin")
    assert "HOSTNAME" not in found
    assert "B" not in found
