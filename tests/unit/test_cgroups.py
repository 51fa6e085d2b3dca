"""Cgroups on a folder that looks like /sys/fs/cgroup: version 1, version 2, and both."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.engine.run.namespaces import cgroups
from dockerlab.engine.run.namespaces.cgroups import Cgroup, Hierarchy
from dockerlab.engine.run.process import Limits

ALL = Limits(memory=64 << 20, nano_cpus=500_000_000, cpu_shares=512, pids=20)
FILES = {
    "memory": ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
    "cpu": ["cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.shares"],
    "pids": ["pids.max"],
}
FILES2 = ["memory.max", "memory.swap.max", "cpu.max", "cpu.weight", "pids.max"]


class Tree:
    """A folder in place of /sys/fs/cgroup, and files in place of /proc/self."""

    def __init__(self, root: Path) -> None:
        self.root, self.proc = root / "cgroup", root / "proc"
        self.mounts: list[str] = []
        self.own: list[str] = []
        self.proc.mkdir()

    def add(self, name: str, kind: str, path: str = "/") -> None:
        point = self.root / name if name else self.root
        (point / path.strip("/") / cgroups.PARENT).mkdir(parents=True)
        for folder in {point, point / path.strip("/")}:
            (folder / "cgroup.procs").touch()
        options = "rw" if kind == "cgroup2" else f"rw,{name}"
        self.mounts.append(f"30 24 0:26 / {point} rw,relatime shared:9 - {kind} x {options}")
        self.own.append(f"0::{path}" if kind == "cgroup2" else f"4:{name}:{path}")
        (self.proc / "mountinfo").write_text("\n".join(self.mounts) + "\n")
        (self.proc / "cgroup").write_text("\n".join(self.own) + "\n")

    def find(self) -> list[Hierarchy]:
        return cgroups.find(str(self.root), str(self.proc))

    def cgroup(self, files: dict[str, list[str]], limits: Limits = ALL) -> Cgroup:
        for name, wanted in files.items():
            for hierarchy in self.find():
                if name in hierarchy.controllers or (hierarchy.version == 2 and not name):
                    folder = Path(hierarchy.base, cgroups.PARENT, "id")
                    folder.mkdir(exist_ok=True)
                    for file in wanted:
                        (folder / file).touch()
                    if not name:
                        (folder / "cgroup.controllers").write_text("memory cpu pids io")
        return Cgroup("id", self.find(), limits)

    def read(self, name: str) -> str:
        return (self.root / name).read_text()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    cgroups.find.cache_clear()
    return Tree(tmp_path)


@pytest.fixture
def old(tree: Tree) -> Tree:
    tree.add("memory", "cgroup", "/user")
    tree.add("cpu", "cgroup")
    tree.add("pids", "cgroup")
    tree.add("name=systemd", "cgroup")
    return tree


def test_find(old: Tree) -> None:
    found = old.find()
    assert [sorted(h.controllers) for h in found] == [["memory"], ["cpu"], ["pids"]]
    assert found[0].base == f"{old.root}/memory/user"
    assert cgroups.limitations(found) == ()


def test_nothing_to_find(tree: Tree) -> None:
    (tree.proc / "mountinfo").write_text("")
    assert tree.find() == []
    cgroup = Cgroup("id", [], ALL)
    assert cgroup.limit(ALL) == ["memory", "cpus", "cpu-shares", "pids"]
    assert cgroup.limit(Limits()) == []
    assert cgroup.processes() is None
    assert not cgroup.freeze(True)
    assert not cgroup.oom_killed()
    assert cgroup.usage() == {}
    assert cgroup.born_in() == -1
    assert len(cgroups.limitations([])) == 3
    assert cgroups.discarded(Limits(), []) == []
    assert len(cgroups.discarded(ALL, [])) == 4
    assert cgroups.discarded(Limits(memory=1), []) == [
        "Your kernel does not support memory limit capabilities or the cgroup is not mounted. "
        "Limitation discarded."
    ]


def test_limits_of_version_1(old: Tree) -> None:
    cgroup = old.cgroup(FILES)
    assert cgroup.limit(ALL) == []
    assert old.read("memory/user/dockerlab/id/memory.limit_in_bytes") == str(64 << 20)
    assert old.read("memory/user/dockerlab/id/memory.memsw.limit_in_bytes") == str(128 << 20)
    assert old.read("cpu/dockerlab/id/cpu.cfs_quota_us") == "50000"
    assert old.read("cpu/dockerlab/id/cpu.shares") == "512"
    assert old.read("pids/dockerlab/id/pids.max") == "20"
    assert set(cgroup.shown) == {"memory", "cpu", "pids"}
    assert not cgroup.private


def test_what_cannot_be_written_is_named(old: Tree) -> None:
    cgroup = old.cgroup({"memory": FILES["memory"]})
    assert cgroup.limit(ALL) == ["cpus", "cpu-shares", "pids"]
    assert cgroup.limit(Limits(memory=1 << 30)) == []


def test_measures_of_version_1(old: Tree) -> None:
    cgroup = old.cgroup(FILES)
    folder = old.root / "memory/user/dockerlab/id"
    (folder / "memory.usage_in_bytes").write_text("1234\n")
    (folder / "memory.max_usage_in_bytes").write_text("5678\n")
    (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    (folder / "memory.stat").write_text("cache 1\ntotal_inactive_file 99\n")
    (folder / "cgroup.procs").write_text("7\n8\n")
    assert cgroup.oom_killed()
    expected = {"memory": 1234, "memory_max": 5678, "memory_inactive": 99}
    assert expected.items() <= cgroup.usage().items()
    assert cgroup.processes() == [7, 8]


def test_version_2(tree: Tree) -> None:
    tree.add("", "cgroup2", "/user.slice/engine.scope")
    assert tree.find()[0].base == str(tree.root)
    cgroup = tree.cgroup({"": FILES2})
    assert cgroup.limit(ALL) == []
    assert tree.read("dockerlab/id/memory.max") == str(64 << 20)
    assert tree.read("dockerlab/id/memory.swap.max") == str(64 << 20)
    assert tree.read("dockerlab/id/cpu.max") == "50000 100000"
    assert tree.read("dockerlab/id/cpu.weight") == "20"
    assert tree.read("dockerlab/id/pids.max") == "20"
    assert cgroup.limit(Limits()) == []
    assert tree.read("dockerlab/id/memory.max").startswith("max")
    assert cgroup.shown == {"": f"{tree.root}/dockerlab/id"}
    assert cgroup.private
    folder = tree.root / "dockerlab/id"
    (folder / "cpu.stat").write_text("usage_usec 7\nuser_usec 3\n")
    (folder / "io.stat").write_text("8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n")
    usage = cgroup.usage()
    assert usage["cpu_ns"] == 7000
    assert usage["io"] == {"read": 11, "write": 22}


def test_beside_version_2_only_what_is_limited_is_made(old: Tree) -> None:
    old.add("unified", "cgroup2")
    Cgroup("id", old.find(), Limits(pids=5))
    made = [path for path in old.root.glob("**/dockerlab/id")]
    assert sorted(p.relative_to(old.root).parts[0] for p in made) == ["pids", "unified"]


def test_a_later_limit_makes_its_folder_and_moves_everybody(old: Tree) -> None:
    old.add("unified", "cgroup2")
    cgroup = Cgroup("id", old.find(), Limits())
    (old.root / "unified/dockerlab/id/cgroup.procs").write_text("7\n")
    folder = old.root / "pids/dockerlab/id"
    folder.mkdir()
    for name in ("pids.max", "cgroup.procs"):
        (folder / name).touch()
    assert cgroup.limit(Limits(pids=3)) == []
    assert (folder / "pids.max").read_text() == "3"
    assert (folder / "cgroup.procs").read_text() == "7"


def test_remove(old: Tree) -> None:
    cgroup = Cgroup("id", old.find(), ALL)
    assert list(old.root.glob("**/dockerlab/id"))
    cgroup.remove()
    assert not list(old.root.glob("**/dockerlab/id"))
