"""``dockerlab engine stop --purge`` leaves no process, no mount and no file, and nothing else goes.

Whatever happened before: stopped, running, killed, its notes lost.
"""

from __future__ import annotations

import io
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from engines import ORDINARY, Engine, running, wanted
from pipelinelab import NOWHERE
from traces import cgroups_of, memory_of, mounts_of, processes_of, same, until

from dockerlab.cli import main
from dockerlab.client.ci.ci import Ci
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.client.engine_process import EngineProcess
from dockerlab.course.prepare import prepare
from dockerlab.engine.purge import OWN
from dockerlab.engine.run import proctree
from dockerlab.errors import EngineUnavailable

AWKWARD = """
mkdir -p /shut /sealed/inner && chmod 000 /shut && chmod 555 /sealed /sealed/inner
ln -s /outside /v/link && mkdir /v/theirs && touch /v/theirs/kept && chown -R 7:7 /v/theirs
trap 'exit 0' TERM; echo ready
while true; do sleep 0.1; done
"""
"""Folders that an ordinary user can neither enter nor empty, and one of somebody else's."""


@dataclass
class Site:
    """An engine with a container at work in it, and what there was outside before."""

    engine: Engine
    outside: Path
    """A folder of the learner's that is in the container as well."""
    containers: list[str]
    processes: dict[int, int]
    """All that the engine and its containers are: pid and when it began."""

    def purge(self, *words: str, root: Path | None = None) -> subprocess.CompletedProcess[str]:
        """As its owner types it."""
        options = {k: v for k, v in self.engine.options.items() if k != "start_new_session"}
        return subprocess.run(
            [*PURGE, "--root", str(root or self.engine.root), *words],
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            **options,
        )

    def left(self) -> dict[str, object]:
        """What is there still, of every kind; empty when nothing is."""
        found = {
            "processes": [p for p, since in self.processes.items() if same(p, since)],
            "mounts": mounts_of(self.engine.root),
            "files": sorted(self.engine.root.parent.rglob("*engine/**")),
            "memory": [str(p) for c in self.containers for p in memory_of(c)],
            "cgroups": [str(p) for c in self.containers for p in cgroups_of(c)],
        }
        return {kind: things for kind, things in found.items() if things}


PURGE = [sys.executable, "-m", "dockerlab", "engine", "stop", "--purge"]


def furnish(engine: Engine) -> Site:
    outside = engine.shared_folder()
    (outside / "mine.txt").write_text("mine")
    client = docker.DockerClient(base_url=engine.url, timeout=30, version="1.41")
    prepare(client, ["alpine"])
    client.networks.create("ours")
    client.images.build(fileobj=io.BytesIO(b"FROM alpine\nRUN true\n"), rm=True)
    binds = {"data": {"bind": "/v"}, str(outside): {"bind": "/outside"}}
    box = client.containers.run(
        *("alpine", ["sh", "-c", AWKWARD]),
        detach=True,
        network="ours",
        ports={"80/tcp": None},
        volumes=binds,
        mem_limit="64m",
    )
    until(lambda: b"ready" in box.logs())
    site = Site(engine, outside, [box.id], processes_of(engine, client))
    client.close()
    return site


@pytest.fixture(params=wanted(embedded=True))
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with running(request.param) as engine:
        yield furnish(engine)


def assert_nothing_is_left(site: Site) -> None:
    site.engine.process.wait(10)
    until(lambda: site.left() == {}, seconds=5)
    assert not site.engine.root.exists()
    assert [path.name for path in site.outside.iterdir()] == ["mine.txt"]


def test_while_it_runs(site: Site) -> None:
    assert len(site.processes) >= 3
    assert site.left()["processes"]
    assert {path.name for path in site.engine.root.iterdir()} <= OWN
    done = site.purge("--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing of it is left" in done.stdout
    assert_nothing_is_left(site)
    assert "nothing to remove" in site.purge("--force").stdout


def test_after_it_was_killed(site: Site) -> None:
    site.engine.kill()
    until(lambda: not same(site.engine.process.pid, site.processes[site.engine.process.pid]))
    assert site.left()["processes"]  # its containers go on
    assert site.purge("-f").returncode == 0
    assert_nothing_is_left(site)


def test_after_its_notes_were_lost(site: Site) -> None:
    """As with a full disk: nothing says any more which processes they are."""
    if site.engine.kind != "proot-user":
        (site.engine.root / "engine.json").write_text('{"pid": "')
    else:
        (site.engine.root / "engine.json").unlink()
        (site.engine.root / "docker.sock").unlink()
    for note in site.engine.root.glob("containers/*/*.json"):
        note.write_text("{}")
    assert site.purge("--force").returncode == 0
    assert_nothing_is_left(site)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give out subordinate ids for a test")
@pytest.mark.skipif("namespaces-user" not in wanted(), reason="not among the wanted engines")
def test_files_of_subordinate_ids(tmp_path: Path) -> None:
    """Its owner alone could not remove them: chown made them somebody else's."""
    if not shutil.which("newuidmap"):
        pytest.skip("newuidmap is not installed")
    given = with_subordinate_ids(tmp_path)
    with running("namespaces-user") as engine:
        engine.process.terminate()
        engine.process.wait(30)
        for option in ("user", "group", "extra_groups"):
            del engine.options[option]
        engine.command[:0] = given
        engine.launch()
        site = furnish(engine)
        (kept,) = engine.root.glob("volumes/data/_data/theirs/kept")
        assert kept.stat().st_uid == 300006
        done = subprocess.run(
            [*given, *PURGE, "--force", "--root", str(engine.root)],
            capture_output=True,
            text=True,
            timeout=60,
            **{k: v for k, v in engine.options.items() if k != "start_new_session"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert_nothing_is_left(site)


def with_subordinate_ids(folder: Path) -> list[str]:
    """Begins a command of an ordinary user who has them, in tables that nobody else sees."""
    name = f"ann:x:{ORDINARY}:{ORDINARY}::/:/bin/sh\n"
    (folder / "passwd").write_text(Path("/etc/passwd").read_text() + name)
    for table in ("subuid", "subgid"):
        (folder / table).write_text("ann:300000:65536\n")
    tables = [f"mount --bind {path} /etc/{path.name} && " for path in folder.iterdir()]
    owner = f"exec setpriv --reuid {ORDINARY} --regid {ORDINARY} --clear-groups "
    return ["unshare", "--mount", "sh", "-c", "".join(tables) + owner + '"$@"', "sh"]


@pytest.fixture
def quick() -> Iterator[Site]:
    """An engine of the first kind there is, with nothing in it."""
    kinds = [kind for kind in wanted(embedded=True) if os.getuid() == 0 or kind.endswith("user")]
    if not kinds:
        pytest.skip("no embedded engine is wanted")
    with running(kinds[0]) as engine:
        yield Site(engine, engine.shared_folder(), [], {})


def test_one_that_hangs_is_ended_by_force(quick: Site) -> None:
    os.kill(quick.engine.process.pid, signal.SIGSTOP)
    assert EngineProcess(quick.engine.root).purge(timeout=0.5)["gone"]
    assert quick.engine.process.wait(5) == -signal.SIGKILL
    assert not quick.engine.root.exists()


def test_one_whose_folder_was_taken_away(quick: Site) -> None:
    shutil.rmtree(quick.engine.root)
    assert "nothing of it is left" in quick.purge("--force").stdout
    assert quick.engine.process.wait(5) == 0
    assert not quick.engine.root.exists()


def test_nothing_goes_without_a_yes(quick: Site) -> None:
    done = quick.purge()
    assert done.returncode == 1
    assert "nobody to ask" in done.stderr
    assert "→ add --force" in done.stderr
    assert quick.engine.process.poll() is None
    assert "all containers, images, volumes" in answered("n", quick.engine.root, code=1)
    assert quick.engine.process.poll() is None
    answered("y", quick.engine.root, code=0)
    assert not quick.engine.root.exists()


def answered(word: str, root: Path, *, code: int) -> str:
    """What the command prints on a terminal where somebody answers so."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*PURGE, "--root", str(root)], stdin=slave, stdout=subprocess.PIPE, text=True
    ) as process:
        os.write(master, f"{word}\n".encode())
        said, _ = process.communicate(timeout=60)
    os.close(master)
    os.close(slave)
    assert process.returncode == code, said
    return said


def test_what_is_no_engines_is_never_touched(quick: Site, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "holiday.jpg").write_text("x")
    assert "nothing to remove" in quick.purge("--force", root=tmp_path).stdout
    with pytest.raises(EngineUnavailable, match="no folder of an engine's"):
        EngineProcess(tmp_path).purge()
    assert (tmp_path / "images" / "holiday.jpg").exists()
    (quick.engine.root / "thesis.txt").write_text("x")
    done = quick.purge("--force")
    assert done.returncode == 1
    assert "holds what no engine made (thesis.txt)" in done.stderr
    assert (quick.engine.root / "layers").is_dir()


def test_a_link_in_its_place_and_links_in_it(quick: Site, tmp_path: Path) -> None:
    quick.engine.process.terminate()
    quick.engine.process.wait(30)
    (tmp_path / "mine").write_text("x")
    shutil.rmtree(quick.engine.root / "volumes")
    (quick.engine.root / "volumes").symlink_to(tmp_path)
    link = quick.engine.root.parent / "link"
    link.symlink_to(quick.engine.root)
    assert "but the empty folder" in quick.purge("--force", root=link).stdout
    assert list(quick.engine.root.iterdir()) == []
    assert (tmp_path / "mine").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount")
def test_another_disk_below_it_is_refused(quick: Site) -> None:
    disk = quick.engine.root / "volumes"
    quick.engine.process.terminate()
    quick.engine.process.wait(30)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "x", disk], check=True)
    try:
        (disk / "mine").write_text("x")
        done = quick.purge("--force")
        assert done.returncode == 1
        assert f"→ Nothing was removed. Unmount it first: umount {disk}" in done.stderr
        assert (disk / "mine").exists()
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of the user's, where clouds and CIs are."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as folder:
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        monkeypatch.setenv("DOCKERLAB_CI_ROOT", f"{folder}/dockerlab/ci")
        yield Path(folder)


def test_what_uses_the_engine_goes_with_it(quick: Site, data: Path, tmp_path: Path) -> None:
    """Its cloud, and a CI while a run is going; not another engine's CI."""
    pytest.importorskip("moto")
    cloud = CloudProcess(quick.engine.url).start(port=0)
    (tmp_path / ".travis.yml").write_text("language: generic\nscript: sleep 321\n")
    ours, other = (Ci(name, url) for name, url in (("ours", quick.engine.url), ("other", NOWHERE)))
    command = [sys.executable, "-c", RUN, str(tmp_path), quick.engine.url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as kernel:
        until(lambda: proctree.with_argument("sleep", "321"))
        (sleeping,) = proctree.with_argument("sleep", "321")
        worker = ours.folder.pid(1)
        assert main(["engine", "stop", "--purge", "--force", "--root", str(quick.engine.root)]) == 0
        kernel.wait(30)
    assert not any(proctree.alive(pid) for pid in (cloud.pid, worker, sleeping))
    assert not quick.engine.root.exists()
    other.remove()
    assert list(data.rglob("*")) == [data / "dockerlab", data / "dockerlab" / "ci"]


RUN = "import sys; from dockerlab.client.ci.ci import Ci; Ci('ours', sys.argv[2]).run(sys.argv[1])"
