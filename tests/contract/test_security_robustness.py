"""Damaged files, dead helpers, a stop at a bad moment: the embedded engine copes or says so."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient
from docker.errors import APIError, NotFound
from engines import KINDS, Engine, Unavailable, start

IMAGE = "alpine"
EMBEDDED = [
    kind
    for kind in KINDS
    if kind != "docker" and kind in os.environ.get("DOCKERLAB_TEST_ENGINES", kind).split(",")
]


@pytest.fixture(scope="module", params=EMBEDDED)
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this module's own: it is damaged here."""
    try:
        engine = start(request.param)
    except Unavailable as reason:
        if os.environ.get("CI") and not reason.elsewhere:
            pytest.fail(f"{request.param}: {reason}")
        pytest.skip(f"{request.param}: {reason}")
    from dockerlab.course.prepare import prepare

    prepare(connect(engine), [IMAGE])
    yield engine
    engine.stop()


def connect(engine: Engine) -> DockerClient:
    return docker.DockerClient(base_url=engine.url, timeout=60, version="1.41")


def folder(engine: Engine, id: str) -> Path:
    assert engine.root is not None
    return engine.root / "containers" / id


def shims(engine: Engine) -> list[int]:
    found = []
    home = f"HOME={engine.root.parent}\0".encode()  # type: ignore[union-attr]
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if words.startswith(b"dockerlab-shim") and home in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def test_damaged_records_leave_the_others_alone(mine: Engine) -> None:
    client = connect(mine)
    script = ["sh", "-c", "echo one; sleep 100"]
    half, odd, logged, unknown = (
        client.containers.run(IMAGE, script, detach=True).id for _ in range(4)
    )
    time.sleep(0.3)
    mine.kill()
    text = (folder(mine, half) / "container.json").read_text()
    (folder(mine, half) / "container.json").write_text(text[: len(text) // 2])
    record = json.loads((folder(mine, odd) / "container.json").read_text())
    (folder(mine, odd) / "container.json").write_text(json.dumps(record | {"network": []}))
    with (folder(mine, logged) / "log.jsonl").open("ab") as log:
        log.write(b'garbage\n{"t":5}\n[1]\n\xff\xfe\nnull\n{"t":"x","s":1,"d":[]}\n{"t":1')
    (folder(mine, unknown) / "shim.json").write_text("{")
    mine.launch()
    client = connect(mine)
    for id in (half, odd):
        with pytest.raises(NotFound):
            client.containers.get(id)
        assert folder(mine, id).exists(), "it may be mended by hand"
    assert client.containers.get(logged).logs() == b"one\n"
    assert {c.id for c in client.containers.list()} == {logged, unknown}
    for id in (logged, unknown):
        client.containers.get(id).remove(force=True)
    assert shims(mine) == []
    assert client.containers.run(IMAGE, ["echo", "fine"], remove=True) == b"fine\n"


def test_a_stop_in_the_middle_of_many_starts(mine: Engine) -> None:
    def many() -> None:
        client = connect(mine)
        for _ in range(8):
            with contextlib.suppress(Exception):  # the engine goes away meanwhile
                client.containers.run(IMAGE, ["sh", "-c", "trap exit TERM; sleep 9"], detach=True)

    starters = [threading.Thread(target=many) for _ in range(5)]
    for starter in starters:
        starter.start()
    time.sleep(0.5)
    assert mine.process is not None
    mine.process.terminate()
    assert mine.process.wait(60) == 0
    for starter in starters:
        starter.join()
    assert shims(mine) == []
    mine.launch()
    client = connect(mine)
    assert client.containers.list() == []
    for container in client.containers.list(all=True):
        container.remove()


def test_a_dead_keeper(mine: Engine) -> None:
    keepers = [pid for pid in Path("/proc").glob("[0-9]*") if _keeps(pid, mine)]
    if not keepers:
        pytest.skip("PRoot needs no keeper")
    os.kill(int(keepers[0].name), signal.SIGKILL)
    time.sleep(0.2)
    client = connect(mine)
    container = client.containers.create(IMAGE, ["true"])
    with pytest.raises(APIError, match="keeper"):
        container.start()
    container.remove()
    alone = client.containers.run(IMAGE, ["echo", "hi"], network_mode="none", remove=True)
    assert alone == b"hi\n"
    assert mine.process is not None
    mine.process.terminate()
    assert mine.process.wait(30) == 0
    mine.launch()
    assert connect(mine).containers.run(IMAGE, ["echo", "hi"], remove=True) == b"hi\n"


def _keeps(process: Path, engine: Engine) -> bool:
    try:
        return f"{engine.root}/run/keeper.sock".encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False
