"""What is there of an engine: its processes, and whatever it could leave behind."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engines import Engine

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
SETTLE = 30
"""Seconds that an engine gets to tidy up after the last command."""
UNCONNECTED, READY = "socket:[N]", 16
Found = dict[str, Counter[str]]
"""By kind (processes, mounts, …), how often there is what."""


def processes(engine: Engine) -> dict[int, str]:
    """All that run for the engine and in its containers: pid → what it is."""
    home = str(engine.root.parent)  # type: ignore[union-attr]
    return {pid: _what(pid) for pid in _pids() if pid != os.getpid() and _belongs(pid, home)}


def shims(engine: Engine) -> set[str]:
    """The (short) ids of the containers that really run."""
    return {what.split()[1] for what in processes(engine).values() if "-shim " in what}


def memory(engine: Engine) -> float:
    """What all processes of the engine take, in MB: what they share is counted once."""
    total = 0
    for pid in processes(engine):
        with suppress(OSError):
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total / 1024


def census(engine: Engine) -> Found:
    """Count everything, by names that are the same in each life of the engine's."""
    assert engine.process is not None
    assert engine.root is not None
    own = PROC / str(engine.process.pid)
    keepers = [pid for pid, what in processes(engine).items() if "keeperserver" in what]
    return {
        "processes": Counter(_kind(what) for what in processes(engine).values()),
        "threads": Counter({"engine": len(os.listdir(own / "task")) // 8}),
        "descriptors": _beyond(Counter(_descriptors(own / "fd", keepers))),
        "mounts": Counter(_mounts(own, engine.root.parent)),
        "cards": Counter(kind for pid in keepers for kind in _cards(pid)),
        "cgroups": Counter(_forsaken(CGROUPS.glob("**/dockerlab/*/"))),
        "shared memory": Counter(_forsaken(Path("/dev/shm").glob("dockerlab-*"))),
        "files": Counter(_files(engine.root)),
    }


def more(before: Found, after: Found) -> list[tuple[str, str, int]]:
    """What there is more of: kind, what, how many more."""
    return [
        (kind, what, count)
        for kind in before
        for what, count in (after[kind] - before[kind]).items()
    ]


def settled(engine: Engine, before: Found) -> list[tuple[str, str, int]]:
    """What there still is more of after the engine has had its time to tidy up."""
    end = time.monotonic() + SETTLE
    while (left := more(before, census(engine))) and time.monotonic() < end:
        time.sleep(0.5)
    return left


def _pids() -> Iterator[int]:
    return (int(name) for name in os.listdir(PROC) if name.isdigit())


def _belongs(pid: int, home: str) -> bool:
    """By its words, its environment, its files, or the mounts that it lives on."""
    own = PROC / str(pid)
    with suppress(OSError):
        if home.encode() in (own / "cmdline").read_bytes():
            return True
        if f"HOME={home}\0".encode() in (own / "environ").read_bytes():
            return True
        if any(os.readlink(own / link).startswith(home) for link in ("exe", "cwd")):
            return True
        away = os.readlink(own / "ns/mnt") != os.readlink("/proc/self/ns/mnt")
        return away and home in (own / "mountinfo").read_text()
    return False


def _what(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def _kind(what: str) -> str:
    """Without what differs from life to life: folders, ids, numbers of descriptors."""
    for name in ("keeperserver", "slirp4netns", "dockerlab.engine", "dockerlab-spawner"):
        if name in what:
            return name
    return what[:100] or "?"


def _descriptors(folder: Path, keepers: list[int]) -> Iterator[str]:
    """By what they lead to; ids are by chance. Sockets may be of the containers' network."""
    sockets = _sockets(folder.parent / "net")
    for pid in keepers:
        inside = _sockets(PROC / str(pid) / "net")
        sockets |= {socket: f"{what}, inside" for socket, what in inside.items()}
    for name in os.listdir(folder):
        with suppress(OSError):
            target = os.readlink(folder / name)
            yield sockets.get(target, re.sub(r"\d+|[0-9a-f]{12,}", "N", target))


def _beyond(found: Counter[str]) -> Counter[str]:
    """Without the sockets that the engine has ready to connect: of those it makes some at once."""
    found[UNCONNECTED] = max(0, found[UNCONNECTED] - READY)
    return found


def _sockets(net: Path) -> dict[str, str]:
    """``socket:[inode]`` → its path, or its addresses."""
    found = {}
    for line in (net / "unix").read_text().splitlines()[1:]:
        words = line.split()
        path = re.sub("[0-9a-f]{64}", "ID", words[7]) if len(words) > 7 else "of a pair"
        found[f"socket:[{words[6]}]"] = f"unix socket {path}"
    for kind in ("tcp", "udp"):
        for line in (net / kind).read_text().splitlines()[1:]:
            words = line.split()
            between = f"{words[1]} {words[2]}, state {words[3]}"
            found[f"socket:[{words[9]}]"] = f"{kind} socket {between}"
    return found


def _mounts(own: Path, home: Path) -> Iterator[str]:
    """The engine's own, in its mount namespace and on the machine: others mount things, too."""
    for where in (own, PROC / "self"):
        for line in (where / "mountinfo").read_text().splitlines():
            if str(home) in line:
                words = line.split()
                yield f"{words[4]} ({words[words.index('-') + 1]})"


def _cards(keeper: int) -> Iterator[str]:
    """Network cards in the engine's network: by kind, as their names are by chance."""
    with suppress(OSError):
        for line in (PROC / str(keeper) / "net/dev").read_text().splitlines()[2:]:
            name = line.split(":")[0].strip()
            yield "veth" if name.startswith("veth") else "bridge" if "br-" in name else name


def _forsaken(folders: Iterator[Path]) -> Iterator[str]:
    """Those of containers that have no shim: others on this machine run engines, too."""
    found = list(folders)
    live = {what.split()[1] for what in map(_what, _pids()) if what.startswith("dockerlab-shim ")}
    for folder in found:
        if folder.exists() and not any(one in folder.name for one in live):
            yield str(folder)


def _files(root: Path) -> Iterator[str]:
    """Down to each object's folder, and all blobs. Spare copies of images, which are two at most,
    are no leak."""
    inner = [root / name for name in os.listdir(root) if name != "spares"]
    for folder in (root, *inner, root / "blobs/sha256"):
        if folder.is_dir() and not folder.is_symlink():
            yield from (str((folder / name).relative_to(root)) for name in os.listdir(folder))
