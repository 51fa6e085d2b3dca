"""Limits and measures by cgroups, version 1, 2 or both, as far as this process may write them.

Each container gets a folder ``dockerlab/ID`` in every hierarchy where one can be made. What
cannot be done is never an error here: ``missing`` names it, and whoever asked for it says so.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import time
from dataclasses import dataclass
from typing import Any

from dockerlab.engine.run import proctree
from dockerlab.engine.run.process import Limits

PARENT = "dockerlab"
_WANTED = ("memory", "cpu", "cpuacct", "pids", "freezer", "blkio")
_OPTIONS = {"memory": "-m", "cpu": "--cpus", "pids": "--pids-limit"}
_DISCARDED = (
    ("memory", "memory", "memory limit capabilities", "Limitation"),
    ("cpus", "cpu", "CPU CFS scheduler", "CPU limit"),
    ("cpu-shares", "cpu", "CPU shares", "Shares"),
    ("pids", "pids", "pids limit capabilities", "PIDs limit"),
)
_PERIOD = 100_000  # microseconds, Docker's
_REMOVE_FOR = 2.0  # seconds: a cgroup stays busy for a moment after its last process


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted hierarchy and the folder in it below which containers may go."""

    version: int
    mount: str
    base: str
    controllers: frozenset[str]


class Cgroup:
    """The cgroup of one container: a folder in each hierarchy that is needed for it.

    Where there is version 2 the first process is *born* in its folder (``born_in``), which costs
    nothing. Moving into folders of version 1 can take ten milliseconds, so beside version 2 they
    are made only for limits that were asked for; without version 2, all are made.
    """

    def __init__(self, name: str, hierarchies: list[Hierarchy], limits: Limits) -> None:
        self._name = name
        self._folders: dict[str, str] = {}
        """Controller ("" for version 2 itself) → folder."""
        self._versions: dict[str, int] = {}
        self._old = [h for h in hierarchies if h.version == 1]
        for hierarchy in hierarchies:
            if hierarchy.version == 2:
                self._make(hierarchy)
        self._all_old = "" not in self._folders
        for hierarchy in self._old:
            if self._all_old or hierarchy.controllers & _needed(limits):
                self._make(hierarchy)

    def _make(self, hierarchy: Hierarchy) -> str:
        folder = _make_folder(hierarchy, self._name)
        if not folder:
            return ""
        names = set(hierarchy.controllers)
        if hierarchy.version == 2:
            self._folders[""] = folder
            self._versions[""] = 2
            names = set(_read(f"{folder}/cgroup.controllers").split())
        for controller in names:
            self._folders[controller] = folder
            self._versions[controller] = hierarchy.version
        return folder

    def born_in(self) -> int:
        """A descriptor for kernel.clone, or -1 without version 2."""
        folder = self._folders.get("")
        if folder is None:
            return -1
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def enter(self, *, born: bool) -> None:
        """Put the calling process (and what it will start) into the cgroup.

        ``born``: in the folder of version 2 it is already.
        """
        for folder in dict.fromkeys(self._folders.values()):
            if not born or folder != self._folders.get(""):
                _write(f"{folder}/cgroup.procs", "0")

    @property
    def shown(self) -> dict[str, str]:
        """Which folder to show at which name below /sys/fs/cgroup in the container."""
        old = {c: f for c, f in sorted(self._folders.items()) if self._versions[c] == 1}
        new = self._folders.get("")
        if new is None:
            return old
        return {**old, "unified": new} if old else {"": new}

    @property
    def private(self) -> bool:
        """Whether the container should see its cgroup as the root of all, as Docker has it where
        there is nothing but version 2."""
        return "" in self._folders and not self._old

    def _extend(self, limits: Limits) -> None:
        """Also make, while the container runs, the folders of version 1 that limits need."""
        for hierarchy in self._old:
            missing = (hierarchy.controllers & _needed(limits)) - self._folders.keys()
            inside = self.processes() or []
            folder = self._make(hierarchy) if missing else ""
            if folder:
                for pid in inside:
                    _write(f"{folder}/cgroup.procs", str(pid))

    def limit(self, limits: Limits) -> list[str]:
        """Apply limits; the names of those that could not be applied."""
        self._extend(limits)
        missing = []
        for name, controller, apply in (
            ("memory", "memory", self._limit_memory),
            ("cpus", "cpu", self._limit_cpus),
            ("cpu-shares", "cpu", self._limit_shares),
            ("pids", "pids", self._limit_pids),
        ):
            try:
                if not apply(limits, self._folders[controller]):
                    continue
            except (OSError, KeyError):
                if _asked(limits, name):
                    missing.append(name)
        return missing

    def _limit_memory(self, limits: Limits, folder: str) -> bool:
        memory = limits.memory or -1
        swap = limits.memory_swap or (2 * limits.memory if limits.memory else -1)
        if self._versions["memory"] == 2:
            _put(f"{folder}/memory.max", str(memory) if memory > 0 else "max")
            with contextlib.suppress(OSError):  # no swap accounting
                extra = max(swap - memory, 0) if swap > 0 and memory > 0 else None
                _put(f"{folder}/memory.swap.max", "max" if extra is None else str(extra))
            return True
        names = [("memory.memsw.limit_in_bytes", swap), ("memory.limit_in_bytes", memory)]
        # Swap may never be below memory: raise it first, lower it last.
        raising = memory < 0 or memory > _number(f"{folder}/memory.limit_in_bytes")
        for name, value in names if raising else names[::-1]:
            if "memsw" not in name:
                _put(f"{folder}/{name}", str(value))
            else:
                _write(f"{folder}/{name}", str(value))
        return True

    def _limit_cpus(self, limits: Limits, folder: str) -> bool:
        quota = limits.nano_cpus * _PERIOD // 10**9
        if self._versions["cpu"] == 2:
            _put(f"{folder}/cpu.max", f"{quota or 'max'} {_PERIOD}")
        else:
            _put(f"{folder}/cpu.cfs_period_us", str(_PERIOD))
            _put(f"{folder}/cpu.cfs_quota_us", str(quota or -1))
        return True

    def _limit_shares(self, limits: Limits, folder: str) -> bool:
        shares = limits.cpu_shares or 1024
        if self._versions["cpu"] == 2:
            weight = 1 + (shares - 2) * 9999 // 262142
            _put(f"{folder}/cpu.weight", str(weight if limits.cpu_shares else 100))
        else:
            _put(f"{folder}/cpu.shares", str(shares))
        return True

    def _limit_pids(self, limits: Limits, folder: str) -> bool:
        _put(f"{folder}/pids.max", str(limits.pids) if limits.pids > 0 else "max")
        return True

    def freeze(self, frozen: bool) -> bool:
        """Stop or continue everything inside; False if that is not possible by cgroup."""
        if self._versions.get("freezer") == 1:
            folder = self._folders["freezer"]
            word, file = ("FROZEN" if frozen else "THAWED"), "freezer.state"
            return _write(f"{folder}/{file}", word) and _wait_for(f"{folder}/{file}", word)
        folder = self._folders.get("", "")
        if not folder or not os.path.exists(f"{folder}/cgroup.freeze"):
            return False
        word = f"frozen {int(frozen)}"
        written = _write(f"{folder}/cgroup.freeze", str(int(frozen)))
        return written and _wait_for(f"{folder}/cgroup.events", word)

    def processes(self) -> list[int] | None:
        """All pids inside, or None without a cgroup."""
        folder = self._folders.get("") or next(iter(self._folders.values()), "")
        if not folder:
            return None
        return [int(word) for word in _read(f"{folder}/cgroup.procs").split()]

    def oom_killed(self) -> bool:
        """Whether something inside was killed for lack of memory."""
        folder = self._folders.get("memory")
        if folder is None:
            return False
        file = "memory.events" if self._versions["memory"] == 2 else "memory.oom_control"
        return int(_field(f"{folder}/{file}", "oom_kill") or 0) > 0

    def usage(self) -> dict[str, Any]:
        """memory, memory_max, memory_inactive, cpu_ns, pids, io: those that are known."""
        found: dict[str, Any] = {}
        if "memory" in self._folders:
            found |= self._memory_usage(self._folders["memory"])
        cpu = self._cpu_usage()
        if cpu is not None:
            found["cpu_ns"] = cpu
        if "pids" in self._folders:
            found["pids"] = _number(f"{self._folders['pids']}/pids.current")
        io = self._io_usage()
        if io is not None:
            found["io"] = io
        return found

    def _memory_usage(self, folder: str) -> dict[str, int]:
        v2 = self._versions["memory"] == 2
        now, most = (
            ("memory.current", "memory.peak")
            if v2
            else ("memory.usage_in_bytes", "memory.max_usage_in_bytes")
        )
        inactive = _field(f"{folder}/memory.stat", "inactive_file" if v2 else "total_inactive_file")
        return {
            "memory": _number(f"{folder}/{now}"),
            "memory_max": _number(f"{folder}/{most}"),
            "memory_inactive": int(inactive or 0),
        }

    def _cpu_usage(self) -> int | None:
        if "cpuacct" in self._folders:
            return _number(f"{self._folders['cpuacct']}/cpuacct.usage")
        microseconds = _field(f"{self._folders.get('', '')}/cpu.stat", "usage_usec")
        return int(microseconds) * 1000 if microseconds else None

    def _io_usage(self) -> dict[str, int] | None:
        if "blkio" in self._folders:
            text = _read(f"{self._folders['blkio']}/blkio.throttle.io_service_bytes")
            words = [line.split() for line in text.splitlines()]
            pairs = [(w[1].lower(), int(w[2])) for w in words if len(w) == 3]
        elif self._versions.get("io") == 2:
            text = _read(f"{self._folders['io']}/io.stat")
            fields = [word.partition("=") for word in text.split() if "bytes=" in word]
            names = {"rbytes": "read", "wbytes": "write"}
            pairs = [(names.get(name, name), int(value)) for name, _, value in fields]
        else:
            return None
        return {kind: sum(n for k, n in pairs if k == kind) for kind in ("read", "write")}

    def remove(self) -> None:
        """Remove the folders, once everything inside has ended."""
        deadline = time.monotonic() + _REMOVE_FOR
        for folder in dict.fromkeys(self._folders.values()):
            while not _remove(folder) and time.monotonic() < deadline:
                time.sleep(0.005)
        self._folders = {}


@functools.cache
def find(root: str = "/sys/fs/cgroup", proc: str = "/proc/self") -> list[Hierarchy]:
    """The hierarchies in which this process can make cgroups."""
    own = _own_paths(proc)
    found = []
    for version, mount, names in _mounted(root, proc):
        path = own.get("" if version == 2 else names[0] if names else "?")
        controllers = frozenset(names) & frozenset(_WANTED)
        if path is None or not (controllers or version == 2):
            continue
        # Below the engine's own cgroup, so that a limit on the engine stays one on all. The
        # exception: version 2 takes no children beside processes except at the root.
        bases = [mount] if version == 2 else [mount + path.rstrip("/"), mount]
        for base in bases:
            if _usable(base):
                found.append(Hierarchy(version, mount, base, controllers))
                break
    return found


def remove(name: str, hierarchies: list[Hierarchy]) -> bool:
    """Remove what a killed shim left of a container's cgroup; False if something is still in it."""
    folders = [f"{hierarchy.base}/{PARENT}/{name}" for hierarchy in hierarchies]
    return all([_remove(folder) for folder in folders])


def limitations(hierarchies: list[Hierarchy]) -> tuple[str, ...]:
    """A plain sentence for each kind of limit that cannot be set here."""
    missing = [(c, o) for c, o in _OPTIONS.items() if c not in _able(hierarchies)]
    return tuple(
        f"{controller} cannot be limited here ({option} has no effect): its cgroup is not writable."
        for controller, option in missing
    )


def discarded(limits: Limits, hierarchies: list[Hierarchy]) -> list[str]:
    """Docker's sentence for each limit that was asked for and cannot be set here."""
    able = _able(hierarchies)
    return [
        f"Your kernel does not support {what} or the cgroup is not mounted. {end} discarded."
        for name, controller, what, end in _DISCARDED
        if _asked(limits, name) and controller not in able
    ]


def _able(hierarchies: list[Hierarchy]) -> set[str]:
    able: set[str] = set()
    for hierarchy in hierarchies:
        able |= hierarchy.controllers
        if hierarchy.version == 2:
            able |= set(_read(f"{hierarchy.base}/cgroup.controllers").split())
    return able


def _needed(limits: Limits) -> frozenset[str]:
    """The controllers for what is limited (and, to tell why it ended, to measure it)."""
    names = {"memory"} if limits.memory else set()
    if limits.nano_cpus or limits.cpu_shares:
        names |= {"cpu", "cpuacct"}
    return frozenset(names | ({"pids"} if limits.pids else set()))


def _asked(limits: Limits, name: str) -> bool:
    values = {
        "memory": limits.memory,
        "cpus": limits.nano_cpus,
        "cpu-shares": limits.cpu_shares,
        "pids": limits.pids,
    }
    return values[name] > 0


def _own_paths(proc: str) -> dict[str, str]:
    """Controller ("" for version 2) → path of this process's cgroup in its hierarchy."""
    paths = {}
    for line in _read(f"{proc}/cgroup").splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            paths[name] = path
    return paths


def _mounted(root: str, proc: str) -> list[tuple[int, str, list[str]]]:
    """(version, mount point, controllers) of each hierarchy at or below ``root``."""
    found = []
    for line in _read(f"{proc}/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        point, kind = left.split()[4], right.split()[0]
        if (point == root or point.startswith(root + "/")) and kind in ("cgroup", "cgroup2"):
            options = right.split()[2].split(",")
            names = [] if kind == "cgroup2" else [o for o in options if o not in ("rw", "ro")]
            found.append((2 if kind == "cgroup2" else 1, point, names))
    return found


def _usable(base: str) -> bool:
    folder = f"{base}/{PARENT}"
    with contextlib.suppress(OSError):
        os.makedirs(folder, exist_ok=True)
    return os.access(folder, os.W_OK) and os.access(f"{base}/cgroup.procs", os.W_OK)


def _make_folder(hierarchy: Hierarchy, name: str) -> str:
    parent = f"{hierarchy.base}/{PARENT}"
    folder = f"{parent}/{name}"
    try:
        os.makedirs(parent, exist_ok=True)
        if hierarchy.version == 2:
            _delegate(hierarchy.base)
            _delegate(parent)
        os.mkdir(folder)
        os.chmod(folder, 0o755)  # the container's users may read their limits
    except FileExistsError:
        return folder
    except OSError:
        return ""
    return folder


def _delegate(folder: str) -> None:
    """Let the children of a version 2 cgroup use the controllers, as many as can be."""
    available = set(_read(f"{folder}/cgroup.controllers").split())
    enabled = set(_read(f"{folder}/cgroup.subtree_control").split())
    for name in sorted((available & {"memory", "cpu", "pids", "io"}) - enabled):
        _write(f"{folder}/cgroup.subtree_control", f"+{name}")


def _remove(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except OSError as error:
        return error.errno != errno.EBUSY
    return True


def _wait_for(file: str, word: str) -> bool:
    deadline = time.monotonic() + 1
    while word not in _read(file):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.0005)
    return True


def _put(file: str, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _write(file: str, text: str) -> bool:
    try:
        _put(file, text)
    except OSError:
        return False
    return True


def _read(file: str) -> str:
    return proctree.read(file).decode()


def _number(file: str) -> int:
    text = _read(file).strip()
    return int(text) if text.isdigit() else 0


def _field(file: str, name: str) -> str | None:
    """The value after ``name`` in a file of ``name value`` lines."""
    for line in _read(file).splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == name:
            return words[1]
    return None
