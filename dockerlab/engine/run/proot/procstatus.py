"""What /proc says about a process's parent, threads and signals (see also proctree.py)."""

from __future__ import annotations


def parent(pid: int) -> int:
    """0 if there is none."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def process_of(thread: int) -> int:
    """The process that a thread belongs to; 0 if it is gone."""
    return int(_status(thread).get("Tgid", "0"))


def stopped(pid: int) -> bool:
    """Whether it stands still: by a signal, by its tracer, or as it has ended."""
    return _stat(pid)[:1] in ([], ["T"], ["t"], ["Z"], ["X"])


def untraced(pid: int) -> bool:
    """Whether it runs without PRoot, which must not be."""
    return _status(pid).get("TracerPid") == "0"


def handles(pid: int, number: int) -> bool:
    """Whether the process has a handler of its own for the signal."""
    return bool(int(_status(pid).get("SigCgt", "0"), 16) >> (number - 1) & 1)


def deadly(pid: int, number: int) -> bool:
    status = _status(pid)
    kept = int(status.get("SigCgt", "0"), 16) | int(status.get("SigIgn", "0"), 16)
    return not kept >> (number - 1) & 1


def threads(pid: int) -> int:
    return int(_status(pid).get("Threads", "0"))


def group(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[2]) if fields else 0


def _stat(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].decode().split()
    except OSError:
        return []


def _status(pid: int) -> dict[str, str]:
    try:
        with open(f"/proc/{pid}/status", errors="replace") as file:
            lines = (line.partition(":") for line in file)
            return {name: value.strip() for name, _, value in lines}
    except OSError:
        return {}
