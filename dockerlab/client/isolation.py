"""Look at a container's walls: which namespaces it has of its own, which limits really hold.

Asked inside by ``exec`` where the image has a shell, else read on the host from /proc/PID.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from docker.errors import APIError

from dockerlab.client.record import HasDocker, engine_name
from dockerlab.errors import ConflictHere
from dockerlab.formats.reports import NAMESPACES, IsolationReport, Limit, Namespace

PROC = Path("/proc")
WATCHED = ("memory", "pids")
"""Limits that the embedded engine keeps by itself where it has no cgroups."""
NO_LIMIT = 1 << 60
"""The kernel writes "none" as a number near 2**63 in version 1 of cgroups."""

# Plain sh and nothing but what busybox has. It counts itself among the processes.
SCRIPT = """
for n in mnt pid net uts ipc user cgroup; do echo "ns $(readlink /proc/self/ns/$n)"; done
echo "boot $(cat /proc/sys/kernel/random/boot_id)"
echo "kernel $(cat /proc/sys/kernel/osrelease)"
echo "name $(hostname 2>/dev/null || cat /etc/hostname)"
cd /sys/fs/cgroup 2>/dev/null && for f in memory.max cpu.max pids.max \
memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us pids/pids.max; do
if [ -r $f ]; then echo "cg $f $(cat $f)"; fi; done
set -- /proc/[0-9]*; echo "processes $#"
"""

# name → (file in version 2, file in version 1, controller in version 1)
FILES: dict[str, tuple[str, str, str]] = {
    "memory": ("memory.max", "memory/memory.limit_in_bytes", "memory"),
    "cpu": ("cpu.max", "cpu/cpu.cfs_quota_us", "cpu"),
    "pids": ("pids.max", "pids/pids.max", "pids"),
}


def isolation(lab: HasDocker, container: str | Any) -> IsolationReport:
    """Compare a running container with the host that this process runs on.

    ``container`` is a name, an id or anything with an ``id``. Raises ``ConflictHere`` when it
    does not run: a stopped container has no namespaces.
    """
    api: Any = lab.docker.api
    facts = api.inspect_container(getattr(container, "id", container))
    name = str(facts["Name"]).lstrip("/")
    if not facts["State"].get("Running"):
        hint = f"Start it first: docker start {name}"
        raise ConflictHere(f"Container {name} is not running", hint, status=409)
    info = api.info()
    pid = int(facts["State"].get("Pid") or 0)
    told = _ask_inside(api, str(facts["Id"]))
    same_kernel = _same_kernel(told, info)
    return IsolationReport(
        container=name,
        image=str(facts["Config"].get("Image", "")),
        engine=engine_name(api),
        namespaces=tuple(_namespaces(told, pid, same_kernel)),
        limits=tuple(_limits(told, pid, facts["HostConfig"], info, same_kernel)),
        host_name=platform.node(),
        container_name=told.get("name") or str(facts["Config"].get("Hostname", "")),
        host_processes=_count_processes(),
        container_processes=max(int(told.get("processes", "1")) - 1, 0),
        kernel=told.get("kernel") or str(info.get("KernelVersion", "")),
        same_kernel=same_kernel,
        pretended=_pretended(info),
        source="inside" if told else "host",
    )


def _ask_inside(api: Any, container: str) -> dict[str, str]:
    """What the script prints, by its first word; empty where there is no shell to run it."""
    try:
        command = api.exec_create(container, ["sh", "-c", SCRIPT])
        output = api.exec_start(command["Id"])
    except APIError:
        return {}
    return parse(output.decode(errors="replace"))


def parse(output: str) -> dict[str, str]:
    """The script's lines as ``{"ns mnt": "4026531841", "cg pids.max": "64", "boot": …}``."""
    told: dict[str, str] = {}
    for line in output.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "ns":
            kind, _, number = rest.partition(":")
            told[f"ns {kind}"] = number.strip("[]")
        elif word == "cg":
            path, _, value = rest.partition(" ")
            told[f"cg {path}"] = value
        elif word in ("boot", "kernel", "name", "processes"):
            told[word] = rest
    return told


def _same_kernel(told: Mapping[str, str], info: Mapping[str, Any]) -> bool:
    """The boot id is one a running kernel; without it, the release must do."""
    if told.get("boot"):
        return told["boot"] == _text(PROC / "sys/kernel/random/boot_id")
    return str(info.get("KernelVersion", "")) == platform.release()


def _namespaces(told: Mapping[str, str], pid: int, same_kernel: bool) -> list[Namespace]:
    found = []
    for kind in NAMESPACES:
        inside = told.get(f"ns {kind}", "")
        container = int(inside) if inside.isdigit() else 0
        if not container and pid and same_kernel:
            container = _inode(PROC / str(pid) / "ns" / kind)
        # Numbers of two kernels must not be compared: both begin to count at the same one.
        host = _inode(PROC / "self" / "ns" / kind) if same_kernel else 0
        found.append(Namespace(kind, host, container))
    return found


def _inode(link: Path) -> int:
    try:
        number = os.readlink(link).partition("[")[2].rstrip("]")
    except OSError:
        return 0
    return int(number) if number.isdigit() else 0


def _limits(
    told: Mapping[str, str],
    pid: int,
    asked: Mapping[str, Any],
    info: Mapping[str, Any],
    same_kernel: bool,
) -> list[Limit]:
    def found(name: str) -> float | None:
        inside = in_force(name, lambda path: told.get(f"cg {path}"))
        if inside is None and pid and same_kernel:
            return _on_host(name, pid)
        return inside

    wanted: dict[Literal["memory", "cpu", "pids"], float] = {
        "memory": float(asked.get("Memory") or 0),
        "cpu": _cores(asked),
        "pids": max(float(asked.get("PidsLimit") or 0), 0),
    }
    able = {
        "memory": info.get("MemoryLimit"),
        "cpu": info.get("CpuCfsQuota", info.get("CPUCfsQuota")),
        "pids": info.get("PidsLimit"),
    }
    watched = WATCHED if _pretended(info) else ()
    return [
        judged(name, want, found(name), able[name], name in watched)
        for name, want in wanted.items()
    ]


def _pretended(info: Mapping[str, Any]) -> bool:
    return "dockerlab.runtime=proot" in (info.get("Labels") or ())


def _cores(asked: Mapping[str, Any]) -> float:
    if asked.get("NanoCpus"):
        return float(asked["NanoCpus"]) / 1e9
    quota, period = asked.get("CpuQuota") or 0, asked.get("CpuPeriod") or 100_000
    return max(float(quota) / float(period), 0)


def judged(
    name: Literal["memory", "cpu", "pids"],
    asked: float,
    found: float | None,
    able: object,
    watched: bool = False,
) -> Limit:
    """Compare what was asked for with what the kernel has (which rounds to pages)."""
    if not asked:
        return Limit(name, 0, found, "free")
    if found is not None and abs(found - asked) <= asked * 0.05:
        return Limit(name, asked, found, "in-force")
    if watched:
        return Limit(name, asked, None, "watched")
    if found is not None or able is False:
        return Limit(name, asked, found, "refused")
    return Limit(name, asked, None, "unknown")


def in_force(name: str, read: Callable[[str], str | None]) -> float | None:
    """The limit in bytes, cores or processes; 0: none is set; None: not readable."""
    second, first, _ = FILES[name]
    value = read(second)
    period = 100_000.0
    if value is None:
        value = read(first)
        period = float(read("cpu/cpu.cfs_period_us") or period)
    elif name == "cpu":
        value, _, given = value.partition(" ")
        period = float(given or period)
    if value is None:
        return None
    number = float(value) if value.lstrip("-").isdigit() else 0.0
    number = 0.0 if number < 0 or number > NO_LIMIT else number
    return number / period if name == "cpu" else number


def _on_host(name: str, pid: int) -> float | None:
    """Through /proc/PID/cgroup, for engines that show no cgroup files to their containers."""
    mounts = _cgroup_mounts()
    for line in (_text(PROC / str(pid) / "cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(",") if controllers else [""]:
            where = mounts.get(controller)
            if where is None or controller not in ("", FILES[name][2]):
                continue
            folder = where / path.lstrip("/")
            value = in_force(
                name, lambda file, at=folder: _text(at / file.rsplit("/", 1)[-1])  # type: ignore[misc]
            )  # fmt: skip
            if value is not None:
                return value
    return None


def _cgroup_mounts() -> dict[str, Path]:
    """Controller → where it is mounted; the key "" stands for version 2."""
    mounts: dict[str, Path] = {}
    for line in (_text(PROC / "self/mountinfo") or "").splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.partition(" ")
        where = Path(left.split(" ")[4])
        if kind == "cgroup2":
            mounts.setdefault("", where)
        elif kind == "cgroup":
            for option in options.rsplit(" ", 1)[-1].split(","):
                mounts.setdefault(option, where)
    return mounts


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _count_processes() -> int:
    return sum(entry.name.isdigit() for entry in PROC.iterdir())
