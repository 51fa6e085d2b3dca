"""What clumsy or hostile clients send: a clear error, nothing lost, nothing left behind."""

from __future__ import annotations

import io
import json
import socket
import tarfile
import threading
import time
from pathlib import Path

import pytest
from docker.client import DockerClient
from docker.errors import APIError
from rawhttp import post, raw

IMAGE = "alpine"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b'{"Image": 5}', b"\xff\xfe\x00", b"{}"]
)
def test_a_broken_create_request_is_refused(engine_url: str, body: bytes) -> None:
    status, answer = post(engine_url, "/v1.41/containers/create", body)
    assert 400 <= status <= 500
    assert answer["message"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"HostConfig": {"Binds": ["dltest-relative:/x"]}}, ""),
        ({"HostConfig": {"Binds": ["/x:relative"]}}, "invalid"),
        ({"HostConfig": {"Binds": ["/a:/b:/c:/d"]}}, "invalid"),
        ({"HostConfig": {"RestartPolicy": {"Name": "sometimes"}}}, "restart policy"),
        ({"HostConfig": {"PortBindings": {"x/tcp": [{"HostPort": "1"}]}}}, ""),
        ({"HostConfig": {"NetworkMode": "container:nosuch"}}, ""),
        ({"HostConfig": {"Memory": 1024}}, "emory"),
        ({"WorkingDir": "relative"}, ""),
    ],
)
def test_impossible_configurations(
    client: DockerClient, engine_url: str, name: str, change: dict, words: str
) -> None:
    body = json.dumps({"Image": IMAGE, "Cmd": ["true"], **change}).encode()
    status, answer = post(engine_url, f"/v1.41/containers/create?name={name}", body)
    if status == 201:  # then the start refuses, or it was harmless
        assert words == ""
        return
    assert 400 <= status <= 500
    assert words.lower() in answer["message"].lower()


def test_half_a_request_does_not_hold_the_engine(client: DockerClient, engine_url: str) -> None:
    halves = []
    for _ in range(20):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(engine_url.removeprefix("unix://"))
        connection.sendall(b"POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Le")
        halves.append(connection)
    assert client.ping()
    for connection in halves:
        connection.close()
    assert client.ping()


def test_garbage_instead_of_http(client: DockerClient, engine_url: str) -> None:
    answer = raw(engine_url, b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n")
    assert answer == b"" or (answer.startswith(b"HTTP/1.") and b" 400 " in answer)
    assert client.ping()


def test_a_client_that_goes_away_while_following_logs(client: DockerClient, name: str) -> None:
    script = "while true; do echo tick; sleep 0.01; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    for _ in range(5):
        stream = container.logs(stream=True, follow=True)
        next(stream)
        stream.close()
    container.reload()
    assert container.status == "running"


def test_a_client_that_goes_away_while_attached(
    client: DockerClient, engine_url: str, name: str
) -> None:
    script = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i; sleep 0.01; done"
    container = client.containers.create(IMAGE, ["sh", "-c", script], name=name)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(engine_url.removeprefix("unix://"))
        path = f"/v1.41/containers/{container.id}/attach?stream=1&stdout=1&stdin=1"
        connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
            b"Content-Length: 0\r\n\r\n" % path.encode()
        )
        assert b"101" in connection.recv(4096)
        container.start()
        connection.recv(100)
    assert container.wait(timeout=30)["StatusCode"] == 0
    assert container.logs().endswith(b"100\n")


def test_a_client_that_does_not_read_does_not_stop_the_program(
    client: DockerClient, engine_url: str, name: str
) -> None:
    container = client.containers.create(
        IMAGE, ["sh", "-c", "head -c 8000000 /dev/zero | tr '\\0' x; touch /done"], name=name
    )
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(engine_url.removeprefix("unix://"))
    path = f"/v1.41/containers/{container.id}/logs?follow=1&stdout=1"
    container.start()
    connection.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode())
    assert container.wait(timeout=30)["StatusCode"] == 0
    connection.close()
    assert client.ping()


def test_an_upload_that_breaks_off(client: DockerClient, engine_url: str) -> None:
    before = len(client.images.list(all=True))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        member = tarfile.TarInfo("manifest.json")
        member.size = 1_000_000
        tar.addfile(member, io.BytesIO(b" " * 1_000_000))
    half = data.getvalue()[:500_000]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(engine_url.removeprefix("unix://"))
        connection.sendall(
            b"POST /v1.41/images/load HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\n"
            b"Content-Length: %d\r\n\r\n" % len(data.getvalue())
        )
        connection.sendall(half)
    time.sleep(0.3)
    assert len(client.images.list(all=True)) == before
    assert client.ping()


def hostile_tar(*members: tuple[str, str, str]) -> bytes:
    """Members as (kind, name, target or content)."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for kind, path, rest in members:
            member = tarfile.TarInfo(path)
            if kind == "file":
                member.size = len(rest)
                tar.addfile(member, io.BytesIO(rest.encode()))
                continue
            member.type = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE}[kind]
            member.linkname = rest
            tar.addfile(member)
    return data.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        [("file", "../../../../../../{out}", "escaped")],
        [("file", "{out}", "escaped")],
        [("link", "way", "{folder}"), ("file", "way/outside", "escaped")],
        [("link", "way", "../../../../../../{folder}"), ("file", "way/outside", "escaped")],
        [("hard", "tmp/mine", "{victim}"), ("file", "tmp/mine", "escaped")],
    ],
    ids=["dots", "absolute", "link", "dotted link", "hard link"],
)
def test_a_hostile_archive_stays_in_the_container(
    client: DockerClient, engine, name: str, members: list[tuple[str, str, str]]
) -> None:
    folder: Path = engine.shared_folder()
    victim = folder / "victim"
    victim.write_text("untouched")
    victim.chmod(0o666)
    facts = {"out": folder / "outside", "folder": folder, "victim": victim}
    tar = hostile_tar(*((k, p.format(**facts), r.format(**facts)) for k, p, r in members))
    container = client.containers.create(IMAGE, ["true"], name=name)
    try:
        container.put_archive("/", tar)
    except APIError as error:
        assert error.explanation
    assert not (folder / "outside").exists()
    assert victim.read_text() == "untouched"


def test_a_link_in_the_container_does_not_lead_to_the_hosts_files(
    client: DockerClient, engine, name: str
) -> None:
    folder: Path = engine.shared_folder()
    secret = folder / "secret"
    secret.write_text("the host's")
    script = f"ln -s {secret} /way; ln -s /../../../../..{secret} /dots; ln -s {folder} /in"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    container.wait()
    for path in ("/way/.", "/dots/.", "/in/secret"):
        with pytest.raises(APIError):
            b"".join(container.get_archive(path)[0])


def test_many_clients_at_once(client: DockerClient, name: str) -> None:
    failures: list[Exception] = []

    def one(number: int) -> None:
        try:
            out = client.containers.run(IMAGE, ["echo", str(number)], name=f"{name}-{number}")
            assert out == b"%d\n" % number
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
