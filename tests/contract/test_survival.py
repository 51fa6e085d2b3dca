"""The embedded engine dies, is stopped, starts again: nothing is lost and nothing is left."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient
from docker.errors import NotFound
from engines import Engine, running, wanted

from dockerlab.course.prepare import prepare
from dockerlab.errors import DockerlabError

IMAGE = "alpine"


@pytest.fixture(scope="module", params=wanted(embedded=True))
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this module's own: it is killed here."""
    with running(request.param) as engine:
        prepare(connect(engine), ["alpine", "nginx"])
        yield engine


def connect(engine: Engine) -> DockerClient:
    return docker.DockerClient(base_url=engine.url, timeout=30, version="1.41")


def words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def container_log(engine: Engine, container_id: str) -> list[str]:
    path = engine.root / "containers" / container_id / "log.jsonl"
    return path.read_text().splitlines()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.02)


def again(engine: Engine) -> DockerClient:
    engine.kill()
    engine.launch()
    return connect(engine)


def belonging_to(engine: Engine) -> list[int]:
    """Processes that name the engine's folder in their arguments or were started in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        home = str(engine.root.parent).encode()
        if home in words or b"HOME=" + home in environment:
            found.append(int(entry.name))
    return found


def test_the_socket_is_for_its_owner_only(mine: Engine) -> None:
    mode = (mine.root / "docker.sock").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(mine.root.stat().st_mode) == 0o700


def test_running_containers_go_on(mine: Engine, name: str) -> None:
    client = connect(mine)
    script = "i=0; while true; do i=$((i+1)); echo $i; sleep 0.05; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    until(lambda: bool(container_log(mine, container.id)))
    pid = client.api.inspect_container(name)["State"]["Pid"]
    mine.kill()
    before = len(container_log(mine, container.id))
    time.sleep(0.5)
    mine.launch()
    client = connect(mine)
    container = client.containers.get(name)
    assert container.status == "running"
    assert container.attrs["State"]["Pid"] == pid
    lines = container.logs().split()
    assert lines == [b"%d" % n for n in range(1, len(lines) + 1)]
    assert len(lines) > before > 0
    assert container.exec_run(["echo", "inside"]).output == b"inside\n"
    container.stop(timeout=1)
    assert container.wait()["StatusCode"] == 137
    container.remove()


def test_an_exit_while_the_engine_is_away_is_known(mine: Engine, name: str) -> None:
    client = connect(mine)
    begun = client.containers.run(
        IMAGE, ["sh", "-c", "sleep 0.6; echo last words; exit 5"], name=name, detach=True
    )
    mine.kill()
    until(lambda: bool(container_log(mine, begun.id)))
    time.sleep(0.5)
    mine.launch()
    container = connect(mine).containers.get(name)
    assert container.status == "exited"
    assert container.attrs["State"]["ExitCode"] == 5
    assert container.logs() == b"last words\n"
    container.remove()


def test_always_means_after_a_restart_of_the_engine_too(mine: Engine, name: str) -> None:
    client = connect(mine)
    client.containers.run(
        IMAGE, ["sleep", "0.5"], name=name, detach=True, restart_policy={"Name": "always"}
    )
    mine.kill()
    time.sleep(1)
    mine.launch()
    client = connect(mine)
    end = time.monotonic() + 60
    while client.containers.get(name).status != "running":
        assert time.monotonic() < end
        time.sleep(0.05)
    client.containers.get(name).remove(force=True)


def test_ports_are_published_again(mine: Engine, name: str) -> None:
    client = connect(mine)
    client.containers.run("nginx", name=name, detach=True, ports={"80/tcp": None})
    port = client.containers.get(name).attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]
    client = again(mine)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200
    client.containers.get(name).remove(force=True)


def test_auto_remove_is_done_later_when_the_engine_was_away(mine: Engine, name: str) -> None:
    client = connect(mine)
    client.containers.run(IMAGE, ["sleep", "0.4"], name=name, detach=True, auto_remove=True)
    mine.kill()
    time.sleep(0.8)
    mine.launch()
    client = connect(mine)
    end = time.monotonic() + 60
    while True:
        try:
            client.containers.get(name)
        except NotFound:
            break
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_half_loaded_image_is_gone(mine: Engine) -> None:
    client = connect(mine)
    before = {i.id for i in client.images.list(all=True)}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as inner:
            member = tarfile.TarInfo("big")
            member.size = 60_000_000
            inner.addfile(member, io.BytesIO(bytes(60_000_000)))
        for path, content in (
            ("l/layer.tar", layer.getvalue()),
            ("c.json", json.dumps({"rootfs": {"type": "layers", "diff_ids": []}}).encode()),
        ):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    loader = subprocess.Popen(
        [
            "sh",
            "-c",
            f"exec curl -s --unix-socket {mine.root}/docker.sock --data-binary @- "
            "-H 'Content-Type: application/x-tar' http://x/v1.41/images/load >/dev/null",
        ],
        stdin=subprocess.PIPE,
    )
    try:
        loader.stdin.write(data.getvalue()[:40_000_000])
        loader.stdin.flush()
    except BrokenPipeError:
        pass
    client = again(mine)
    loader.kill()
    loader.wait()
    assert {i.id for i in client.images.list(all=True)} == before
    left = [p for p in (mine.root / "blobs" / "ingest").glob("*") if p.stat().st_size]
    assert left == []
    assert client.containers.run(IMAGE, ["echo", "fine"], remove=True) == b"fine\n"


def test_killed_again_and_again_while_it_works(mine: Engine, name: str) -> None:
    made: list[str] = []
    for round_number in range(4):
        client = connect(mine)
        for number in range(5):
            one = f"{name}-{round_number}-{number}"
            client.containers.run(IMAGE, ["echo", one], name=one, detach=True)
            made.append(one)
        mine.kill()
        mine.launch()
    client = connect(mine)
    for one in made:
        container = client.containers.get(one)
        assert container.wait(timeout=60)["StatusCode"] == 0
        assert container.logs() == one.encode() + b"\n"
        container.remove()


def test_a_second_engine_on_the_same_folder_is_refused(mine: Engine) -> None:
    options = {k: v for k, v in mine.options.items() if k != "start_new_session"}
    second = subprocess.run(mine.command, capture_output=True, text=True, timeout=20, **options)
    assert second.returncode != 0
    assert "already" in second.stderr
    assert "Traceback" not in second.stderr
    assert connect(mine).ping()


def test_an_orderly_stop_leaves_nothing(mine: Engine, name: str) -> None:
    """Last here: it ends the engine, and starts it again for whoever comes next."""
    client = connect(mine)
    script = "trap 'echo bye; exit 0' TERM; while true; do sleep 0.1; done"
    client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    time.sleep(0.2)
    mounts = Path("/proc/self/mounts").read_text()
    assert str(mine.root) not in mounts
    mine.process.terminate()
    assert mine.process.wait(30) == 0
    time.sleep(0.2)
    assert [words(pid) for pid in belonging_to(mine)] == []
    assert not (mine.root / "docker.sock").exists()
    mine.launch()
    container = connect(mine).containers.get(name)
    assert container.status == "exited"
    assert container.logs() == b"bye\n"
    container.remove()


@pytest.mark.skipif(os.getuid() != 0, reason="a small disk of its own takes root")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "x", disk], check=True)
    command = [sys.executable, "-m", "dockerlab.engine", "--root", str(disk / "e")]
    engine = Engine(
        "namespaces-root", f"unix://{disk}/e/docker.sock", disk / "e", None, command, {"cwd": "/"}
    )
    try:
        engine.launch()
        client = connect(engine)
        prepare(client, ["alpine"])
        with pytest.raises(DockerlabError, match=r"no space left[^\n]*\n→ Free some space"):
            prepare(client, ["redis", "nginx", "python"])
        container = client.containers.run(
            IMAGE, ["sh", "-c", "head -c 60000000 /dev/zero > /big"], detach=True
        )
        assert container.wait(timeout=30)["StatusCode"] != 0
        container.remove()
        assert client.containers.run(IMAGE, ["echo", "fine"], remove=True) == b"fine\n"
        client = again(engine)
        assert [i.tags for i in client.images.list()] == [["alpine:latest"]]
    finally:
        if engine.process:
            engine.process.terminate()
            engine.process.wait(30)
        subprocess.run(["umount", "-l", disk], check=True)
