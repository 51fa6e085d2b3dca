"""The engine's namespaces and the containers' network, for real: as root and as an ordinary user.

Skipped, with the reason, where the machine denies namespaces.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from engines import HERE, ORDINARY

from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.run import home

SCENES = HERE / "tests" / "netlab.py"
PROBE = "from dockerlab.engine.run import home; print(*home.probe())"


@dataclass
class Stage:
    """Where scenes are played and as whom."""

    root: Path
    uid: int

    def play(self, scene: str, **environment: str) -> dict[str, Any]:
        done = self.python(str(SCENES), scene, str(self.root), **environment)
        assert done.returncode == 0 or scene == "die", done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        other = {} if self.uid == os.getuid() else {"user": self.uid, "group": self.uid}
        return subprocess.run(
            [sys.executable, "-B", *arguments],
            cwd=self.root.parent,
            env={**os.environ, "PYTHONPATH": str(HERE), "PWD": str(self.root.parent)} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            **({**other, "extra_groups": []} if other else {}),  # type: ignore[arg-type]
        )

    def keepers(self) -> list[int]:
        """Pids of keepers that serve this root."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes()
            except OSError:
                continue
            if b"net.kernel.keeper" in command and str(self.root).encode() in command:
                found.append(int(path.parent.name))
        return found


@pytest.fixture(params=["root", "ordinary user"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    uid = os.getuid()
    if request.param == "root" and uid != 0:
        pytest.skip("needs root")
    if request.param == "ordinary user" and uid == 0:
        uid = ORDINARY
    folder = Path(tempfile.mkdtemp(prefix="dockerlab-net-"))
    os.chown(folder, uid, -1)
    stage = Stage(folder / "engine", uid)
    answer = stage.python("-c", PROBE).stdout.strip()
    if answer != "True":
        shutil.rmtree(folder)
        pytest.skip(answer)
    yield stage
    for pid in stage.keepers():
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def test_a_whole_life(stage: Stage) -> None:
    cards = {link.name for link in netlink.links()}
    found = stage.play("live")
    assert found["kind"] == ("root" if stage.uid == 0 else "user")
    assert found["uid"] == 0
    assert not found["rejoined"]
    assert found["same network"]
    assert found["folder kept"]
    assert found["a to b"] == "b 172.17.0.2\n"
    assert found["b to gateway"] == "ConnectionRefusedError"
    assert found["a outside"] in ("TimeoutError", "OSError")
    assert found["port"] == ["a 172.17.0.1\n", "HELLO", True]
    # Nothing is left, and nothing ever showed on the host.
    assert stage.keepers() == []
    assert not (stage.root / "run" / "keeper.sock").exists()
    assert "docker0" not in {link.name for link in netlink.links()} - cards
    assert str(stage.root) not in Path("/proc/self/mountinfo").read_text()


def test_containers_go_on_when_the_engine_is_killed(stage: Stage) -> None:
    before = stage.play("die")
    assert len(stage.keepers()) == 1
    after = stage.play("back", CONTAINER=str(before["container"]))
    assert after == {
        "rejoined": True,
        "uid": 0,
        "mnt": before["mnt"],
        "port": "a 172.17.0.1\n",
    }
    assert stage.keepers() == []


def test_mounts_do_not_show_on_the_host(stage: Stage) -> None:
    assert stage.play("mount") == {"seen": True}
    assert os.listdir(stage.root / "mounted") == []


def test_a_keeper_that_cannot_be_reached_is_replaced(stage: Stage) -> None:
    before = stage.play("die")
    (lost,) = stage.keepers()
    os.kill(int(before["container"]), signal.SIGKILL)
    (stage.root / "run" / "keeper.sock").unlink()
    assert stage.play("live")["rejoined"] is False
    # The lost one notices within half a minute, which is too long to wait for here.
    assert stage.keepers() == [lost]


def test_a_dead_keeper_is_replaced(stage: Stage) -> None:
    before = stage.play("die")
    os.kill(int(before["container"]), signal.SIGKILL)
    for pid in stage.keepers():
        os.kill(pid, signal.SIGKILL)
    until_gone(stage)
    assert stage.play("live")["rejoined"] is False


def test_the_keeper_is_small(stage: Stage) -> None:
    before = stage.play("die")
    (keeper,) = stage.keepers()
    lines = Path(f"/proc/{keeper}/smaps_rollup").read_text().splitlines()
    anonymous = next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon"))
    assert anonymous < 6000
    stage.play("back", CONTAINER=str(before["container"]))


def until_gone(stage: Stage) -> None:
    end = time.monotonic() + 60
    while stage.keepers() and time.monotonic() < end:
        time.sleep(0.01)


def test_enter_refuses_a_process_with_threads() -> None:
    code = (
        "import threading, time; from pathlib import Path; from dockerlab.engine.run import home\n"
        "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()\n"
        "home.enter(Path('/nonexistent/dltest'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert "one thread" in done.stderr


def test_the_probe_leaves_nothing(tmp_path: Path) -> None:
    home.probe(tmp_path)
    assert os.listdir(tmp_path) == []
