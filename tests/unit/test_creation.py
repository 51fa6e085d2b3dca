"""What is asked of an engine for a new container."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats import creation
from dockerlab.formats.creation import Creation, Health


def test_a_plain_run_sends_what_the_docker_command_line_sends() -> None:
    assert Creation("alpine", ("echo", "hi"), remove=True).body() == {
        "Image": "alpine",
        "Cmd": ["echo", "hi"],
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            "NetworkMode": "default",
            "RestartPolicy": {"Name": "no"},
            "AutoRemove": True,
        },
    }


def test_a_terminal_with_input() -> None:
    body = Creation("alpine", tty=True, stdin=True).body()
    for key in ("Tty", "OpenStdin", "StdinOnce", "AttachStdin"):
        assert body[key] is True
    detached = Creation("alpine", tty=True, stdin=True, detach=True).body()
    assert "StdinOnce" not in detached
    assert "AttachStdout" not in detached


def test_volumes_ports_and_limits() -> None:
    body = Creation(
        "x",
        ports=("8080:80", "53/udp"),
        expose=("9000",),
        volumes=("data:/data:ro", "/anonymous"),
        memory=64 << 20,
        cpus=0.5,
        health=Health("true", interval=1.0),
        env=("A=b",),
        labels=(("k", "v"),),
    ).body()
    host = body["HostConfig"]
    assert host["PortBindings"] == {
        "80/tcp": [{"HostIp": "", "HostPort": "8080"}],
        "53/udp": [{"HostIp": "", "HostPort": ""}],
    }
    assert body["ExposedPorts"] == {"9000/tcp": {}, "80/tcp": {}, "53/udp": {}}
    assert host["Binds"] == ["data:/data:ro"]
    assert body["Volumes"] == {"/anonymous": {}}
    assert (host["Memory"], host["NanoCpus"]) == (64 << 20, 500_000_000)
    assert body["Healthcheck"] == {"Test": ["CMD-SHELL", "true"], "Interval": 1_000_000_000}


def test_an_empty_entrypoint_takes_the_images_away() -> None:
    assert Creation("x", entrypoint="").body()["Entrypoint"] == [""]
    assert "Entrypoint" not in Creation("x").body()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80", [("80/tcp", "", "")]),
        ("8080:80", [("80/tcp", "", "8080")]),
        ("127.0.0.1:8080:80/tcp", [("80/tcp", "127.0.0.1", "8080")]),
        ("127.0.0.1::80", [("80/tcp", "127.0.0.1", "")]),
        ("[::1]:8080:80", [("80/tcp", "::1", "8080")]),
        ("8000-8001:80-81", [("80/tcp", "", "8000"), ("81/tcp", "", "8001")]),
        ("8000-8005:80", [("80/tcp", "", "8000-8005")]),
    ],
)
def test_publish(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(key, b["HostIp"], b["HostPort"]) for key, b in creation.publish(text)]
    assert found == expected


@pytest.mark.parametrize("bad", ["", "a:80", "80:b", "99999:80", "8080:", "1-3:80-90", "80/xyz"])
def test_publish_refuses(bad: str) -> None:
    with pytest.raises(FormatError):
        creation.publish(bad)


def test_bind_makes_a_folder_here_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert creation.bind("./a:/b") == f"{tmp_path}/a:/b"
    assert creation.bind(".:/b:ro") == f"{tmp_path}:/b:ro"
    assert creation.bind("~/a:/b") == "/home/me/a:/b"
    assert creation.bind("name:/b") == "name:/b"
    with pytest.raises(FormatError, match="invalid volume"):
        creation.bind("name:relative")


def test_mount() -> None:
    assert creation.mount("type=tmpfs,dst=/t,tmpfs-size=1m") == {
        "Type": "tmpfs",
        "Target": "/t",
        "TmpfsOptions": {"SizeBytes": 1 << 20},
    }
    for bad in ("type=bind,src=/a", "dst=/a,what=ever"):
        with pytest.raises(FormatError):
            creation.mount(bad)


def test_restart_policy() -> None:
    assert creation.restart_policy("on-failure:3") == {
        "Name": "on-failure",
        "MaximumRetryCount": 3,
    }
    for bad in ("maybe", "on-failure:x"):
        with pytest.raises(FormatError, match="invalid restart policy"):
            creation.restart_policy(bad)
