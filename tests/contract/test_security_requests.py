"""Requests made to break the embedded engine: refused in words, and nobody else is harmed."""

from __future__ import annotations

import json

import pytest
from docker.client import DockerClient
from docker.errors import APIError
from engines import Engine
from rawhttp import post, raw

IMAGE = "alpine"
CREATE = "/v1.41/containers/create"


@pytest.fixture(autouse=True)
def embedded_only(engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("about the embedded engine")


def test_half_characters_poison_no_list(client: DockerClient, engine_url: str, name: str) -> None:
    body = {
        "Image": IMAGE,
        "Cmd": ["echo", "\ud800"],
        "Env": ["A=\udfff"],
        "Labels": {"\ud800": "\ud800"},
    }
    path = f"{CREATE}?name={name}"
    assert post(engine_url, path, json.dumps(body).encode())[0] == 201
    assert name in [container.name for container in client.containers.list(all=True)]
    container = client.containers.get(name)
    container.start()
    assert container.wait(timeout=60)["StatusCode"] == 0
    assert "\ufffd" in container.logs().decode()


def test_a_file_whose_name_is_no_text(client: DockerClient, name: str) -> None:
    script = "touch \"$(printf '/x\\377')\""
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    container.wait(timeout=60)
    assert {"Path": "/x\ufffd", "Kind": 1} in container.diff()


@pytest.mark.parametrize(
    "body",
    [
        {"NetworkingConfig": {"EndpointsConfig": {"bridge": 5}}},
        {"HostConfig": {"ConsoleSize": ["x", "y"]}},
        {"HostConfig": {"Memory": 10**40}},
        {"HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 10**30}]}},
        {"HostConfig": {"Mounts": [{"Type": "volume", "Target": "/a", "VolumeOptions": [1]}]}},
        {"MacAddress": "evil"},
        {"StopTimeout": 10**30},
    ],
)
def test_values_of_a_wrong_kind(
    client: DockerClient, engine_url: str, name: str, body: dict
) -> None:
    data = json.dumps({"Image": IMAGE, "Cmd": ["true"], **body}).encode()
    status, answer = post(engine_url, f"{CREATE}?name={name}", data)
    assert status == 400, answer
    assert name not in [container.name for container in client.containers.list(all=True)]


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"HostConfig":' * 100_000])
def test_deep_json(engine_url: str, body: bytes) -> None:
    assert post(engine_url, CREATE, body)[0] == 400
    nested = b"%5B" * 2000
    request = b"GET /containers/json?filters=%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert b" 400 " in raw(engine_url, request % nested)[:20]


@pytest.mark.parametrize("command", [["x" * 200_000], ["/" + "x/" * 100_000]])
def test_a_reason_that_quotes_a_long_command(
    client: DockerClient, name: str, command: list[str]
) -> None:
    container = client.containers.create(IMAGE, command, name=name)
    with pytest.raises(APIError) as refused:
        container.start()
    assert "shim failed" not in str(refused.value)
    running = client.containers.run(IMAGE, ["sleep", "60"], detach=True)
    assert "OCI runtime exec failed" in running.exec_run(command).output.decode()
    running.remove(force=True)


def test_what_fails_while_the_network_is_made_is_said(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name, hostname="x" * 200)
    for _ in range(5):
        try:
            container.start()
        except APIError as refused:
            assert "roken pipe" not in str(refused)
