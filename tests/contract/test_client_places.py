"""``lab.ports`` and ``lab.mounts``: what leads where and comes from where, on every engine."""

from __future__ import annotations

import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient

import dockerlab
from dockerlab import ConflictHere, Container, Lab, NotFoundHere

IMAGE = "alpine"
SERVE = "echo hello > /tmp/index.html; exec httpd -f -p {} -h /tmp"


def serving(lab: Lab, name: str, port: int = 8080, address: str = "") -> Container:
    box = lab.create(
        IMAGE,
        ["sh", "-c", SERVE.format(f"{address}{port}")],
        name=name,
        ports=["8080", "127.0.0.1::9000"],
    )
    return box.start()


def test_ports(lab: Lab, client: DockerClient, name: str) -> None:
    box = serving(lab, name)
    lab.fetch(box, 8080)
    ports = {port.port: port for port in lab.ports(box).ports}
    assert set(ports) == {8080, 9000}
    assert (ports[8080].reach, ports[8080].listening) == ("published", True)
    # Unless told otherwise, the embedded engine publishes for this machine only.
    assert ports[8080].host in ("", "127.0.0.1")
    assert (ports[9000].host, ports[9000].listening) == ("127.0.0.1", False)
    assert ports[8080].url == f"http://127.0.0.1:{ports[8080].host_port}/"
    with urllib.request.urlopen(ports[8080].url, timeout=30) as answer:
        assert answer.read() == b"hello\n"
    assert ports[8080] in lab.ports().ports
    assert f"port 8080 of {name}; a program listens" in dockerlab.show(lab.ports(name), "en").text


def test_a_port_without_p(lab: Lab, client: DockerClient, name: str) -> None:
    made = client.api.create_container(
        IMAGE, ["sh", "-c", SERVE.format(3000)], name=name, ports=[8080]
    )
    client.api.start(made)
    dockerlab.wait_until(
        lambda: 3000 in [port.port for port in lab.ports(name).ports], what="httpd to listen"
    )
    found = {port.port: port for port in lab.ports(name).ports}
    assert (found[8080].reach, found[8080].listening, found[8080].url) == ("exposed", False, "")
    assert (found[3000].reach, found[3000].listening) == ("listening", True)
    text = dockerlab.show(lab.ports(name), "en").text
    assert f"port 3000 of {name}: a program waits there, but it is not published" in text
    assert "docker run -p 8080:8080" in text


def test_no_ports_and_not_running(lab: Lab, client: DockerClient, name: str) -> None:
    box = lab.create(IMAGE, "sleep 600", name=name)
    with pytest.raises(ConflictHere, match="is not running"):
        lab.ports(name)
    box.start()
    assert (lab.ports(name).ports, lab.ports(name).containers) == ((), (name,))
    with pytest.raises(NotFoundHere):
        lab.ports("dltest-no-such-container")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the host that an engine of an ordinary user may look into."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as made:
        Path(made).chmod(0o755)
        (Path(made) / "server.js").write_text("x")
        # Bound read-only, so nothing could make the folder for the mount inside it.
        (Path(made) / "certs").mkdir()
        yield Path(made)


def test_mounts(lab: Lab, client: DockerClient, name: str, folder: Path) -> None:
    box = lab.create(
        IMAGE,
        ["sh", "-c", "echo 1 > /written; exec sleep 600"],
        name=name,
        volumes=[f"{folder}:/etc/ssl:ro", "/etc/ssl/certs", f"{name}:/data"],
        tmpfs=["/scratch"],
    )
    box.start()
    dockerlab.wait_until(
        lambda: "/written" in [change.path for change in lab.diff(name)], what="a file"
    )
    seen = lab.mounts(name)
    kinds = {mount.path: (mount.kind, mount.writable) for mount in seen.mounts}
    assert kinds == {
        "/data": ("volume", True),
        "/etc/ssl": ("bind", False),
        "/etc/ssl/certs": ("anonymous", True),
        "/scratch": ("tmpfs", True),
    }
    bind = next(mount for mount in seen.mounts if mount.kind == "bind")
    assert [one.path for one in seen.hidden(bind) if one.kept] == ["/etc/ssl/certs"]
    assert seen.origin("/etc/ssl/server.js").source == f"{folder}/server.js"
    certificate = seen.origin("/etc/ssl/certs/ca-certificates.crt")
    assert [one.kind for one in (certificate, *certificate.below)] == ["anonymous", "bind", "layer"]
    assert seen.origin("/bin/sh").kind == "layer"
    assert seen.origin("/written").kind == "container"
    assert seen.origin("/etc/hosts").kind == "engine"
    assert seen.origin("/scratch/x").kind == "tmpfs"
    text = dockerlab.show(seen, "en").text
    assert f"/etc/ssl is {folder} of the host (read-only)" in text
    # What the sentence promises: the volume got the image's files.
    assert "BEGIN CERTIFICATE" in lab.exec(name, "cat /etc/ssl/certs/ca-certificates.crt").output
